// One image dropped: what a model says of it, where it looks, and how much that is worth.
import { ask, called, decimal, integer, make, percent, picture, say, surely, trouble } from "./api.js";

const element = id => document.getElementById(id);
const MOST_BARS = 6;

export function startFilms(models) {
  const ordered = [...models.filter(one => !one.digits), ...models.filter(one => one.digits)];
  const state = { models: ordered, model: ordered[0], file: null, point: null, shown: null, asked: null };
  const select = element("model");
  select.append(...ordered.map(one => make("option", { value: one.name },
    one.title ? `${one.name}: ${one.title}` : one.name)));
  element("model-field").hidden = ordered.length < 2;
  select.addEventListener("change", () => {
    state.model = ordered.find(one => one.name === select.value);
    state.point = null;
    limits(state.model);
    if (state.file) answer(state, state.file);
  });
  limits(state.model);
  dropping(file => answer(state, file));
  sliding(state);
  return () => {};
}

function limits(model) {
  const box = element("limits");
  box.textContent = model.limits;
  box.hidden = !model.limits;
}

function dropping(take) {
  const input = element("file"), drop = element("drop"), stage = element("stage");
  input.addEventListener("change", () => { if (input.files[0]) take(input.files[0]); input.value = ""; });
  for (const name of ["dragenter", "dragover"]) {
    stage.addEventListener(name, event => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    stage.addEventListener(name, () => drop.classList.remove("over"));
  }
  // A file that misses the place must not take the page's.
  for (const name of ["dragover", "drop"]) addEventListener(name, event => event.preventDefault());
  stage.addEventListener("drop", event => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  addEventListener("paste", event => {
    const file = event.clipboardData?.files[0];
    if (file && !element("image").hidden) take(file);
  });
}

async function answer(state, file) {
  state.asked?.abort();
  state.asked = new AbortController();
  const { signal } = state.asked, { model } = state, models = [model.name];
  state.file = file;
  trouble("");
  showHeat(null);
  element("busy").textContent = say("asking");
  element("stage").setAttribute("aria-busy", "true");
  let shown = false;
  try {
    const said = (await ask("predict", file, { models, picture: true, signal })).answers[0];
    await showPicture(state, said, signal);
    if (signal.aborted) return;
    state.shown = { file, model, said };
    shown = true;
    verdict(state);
    element("stage").removeAttribute("aria-busy");
    element("busy").textContent = say("mapping");
    const { explanations: [found] } = await ask("explain", file, { models, signal });
    showHeat(found);
    element("busy").textContent = found.border_share === null ? say("map_empty") : "";
  } catch (error) {
    if (signal.aborted) return;
    element("busy").textContent = "";
    element("stage").removeAttribute("aria-busy");
    if (!shown) nothingShown(state); // else an answer would stand for this file, or this model
    const named = text => text?.replace(/^image: /, `${file.name}: `);
    trouble(named(error.message), named(error.reason));
  }
}

function nothingShown(state) {
  Object.assign(state, { shown: null, pixels: null });
  for (const id of ["screen", "sliders", "verdict", "heat"]) element(id).hidden = true;
  element("drop").classList.remove("again");
  delete element("stage").dataset.shown;
}

async function showPicture(state, said, signal) {
  const digit = said.seen_png;
  const image = new Image();
  image.src = digit ? picture(digit) : picture(said.picture_jpeg, "jpeg");
  await image.decode();
  if (signal.aborted) return;
  const film = element("film");
  film.width = image.naturalWidth;
  film.height = image.naturalHeight;
  const context = film.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  state.pixels = context.getImageData(0, 0, film.width, film.height);
  element("screen").hidden = false;
  element("screen").classList.toggle("pixelated", film.width < 100);
  element("screen").style.width = `min(100%, ${Math.round(58 * film.width / film.height)}vh)`;
  element("drop").classList.add("again");
  element("sliders").hidden = false;
  element("stage").dataset.shown = said.image;
  windowed(state);
}

// The map, and for which class it speaks: at another point, another may be decided for.
function showHeat(found) {
  const heat = element("heat"), key = element("heat-key");
  heat.hidden = !found;
  key.hidden = !found || found.border_share === null;
  if (!found) return;
  heat.src = picture(found.heat_png);
  element("mapped").textContent = say("mapped", { name: found.class });
}

// The answer, the decision at the point that is chosen, and what stands behind both.
function verdict(state) {
  const { file, said, model } = state.shown;
  const found = said.models[0];
  const box = element("verdict");
  const point = found.decisions.find(one => one.point === (state.point ?? found.point));
  const parts = [];
  if (found.in_scope === false) parts.push(make("p", { class: "flag" }, say("out_of_scope")));
  if (point) parts.push(...twoClasses(state, found, point));
  else parts.push(...manyClasses(found));
  parts.push(testMetrics(model, point), make("p", { class: "fine" },
    say("size", { name: file.name || said.image, width: integer(said.width_px), height: integer(said.height_px) }),
    " · ", say("latency", { ms: decimal(found.latency_ms, 1) })));
  box.replaceChildren(...parts.filter(one => one));
  box.hidden = false;
  box.dataset.decision = found.decision;
}

function twoClasses(state, found, point) {
  const share = found.probabilities[found.positive];
  const chosen = make("fieldset", { class: "points" }, ...found.decisions.map(one => {
    const radio = make("input", { type: "radio", name: "point", value: one.point,
      ".checked": one.point === point.point });
    radio.addEventListener("change", () => {
      state.point = one.point;
      verdict(state);
      document.querySelector(`input[name=point][value="${one.point}"]`).focus();
    });
    return make("label", {}, radio, make("span", {}, say("threshold",
      { point: called("point", one.point), share: percent(one.threshold) })));
  }));
  const scale = make("div", { class: "odds", "aria-hidden": "true" }, make("b"),
    ...found.decisions.map(one => make("i", { class: one === point ? "on" : null })));
  scale.querySelector("b").style.width = `${share * 100}%`;
  scale.querySelectorAll("i").forEach((tick, at) => {
    tick.style.left = `${found.decisions[at].threshold * 100}%`;
  });
  return [
    make("p", { class: "figure-large" }, surely(share)),
    make("p", { class: "measure" }, say("probability_of", { name: found.positive })),
    scale,
    make("p", { class: "decision" }, say("decision", { name: point.decision })),
    chosen,
  ];
}

function manyClasses(found) {
  const most = Object.entries(found.probabilities).sort((a, b) => b[1] - a[1]).slice(0, MOST_BARS);
  return [
    make("p", { class: "figure-large" }, found.class),
    make("p", { class: "measure" }, surely(found.probability)),
    make("dl", { class: "rows" }, ...most.map(([name, share]) => {
      const bar = make("b");
      bar.style.width = `${share * 100}%`;
      return make("div", {}, make("dt", {}, name), make("dd", {}, make("i", {}, bar), surely(share)));
    })),
  ];
}

// The metrics at the chosen operating point, and those that do not depend on one.
function testMetrics(model, point) {
  const kept = model.test_metrics.filter(one => one.point === null || (point && one.point === point.point));
  if (!kept.length) return null;
  const caption = model.tested_on === null ? say("intervals")
    : say("intervals_of", { n: integer(model.tested_on) });
  return make("div", { class: "behind" }, make("p", { class: "fine" }, caption), make("dl", { class: "rows" }, ...kept.map(one => make("div", {},
    make("dt", {}, called("metric", one.key)),
    make("dd", {}, make("strong", {}, decimal(one.value, 3)), " ",
      make("small", {}, `${decimal(one.low, 3)}–${decimal(one.high, 3)}`))))));
}

function sliding(state) {
  const defaults = { opacity: 60, level: 128, width: 255 };
  const apply = () => {
    for (const id of Object.keys(defaults)) {
      element(id).nextElementSibling.textContent = element(id).value;
    }
    element("heat").style.opacity = element("opacity").value / 100;
    windowed(state);
  };
  for (const id of Object.keys(defaults)) element(id).addEventListener("input", apply);
  element("reset").addEventListener("click", () => {
    for (const [id, value] of Object.entries(defaults)) element(id).value = value;
    apply();
  });
  apply();
}

// Level and width as on a radiologist's screen: what lies outside is black or white.
function windowed(state) {
  if (!state.pixels) return;
  const level = Number(element("level").value), width = Number(element("width").value);
  const table = Uint8ClampedArray.from({ length: 256 },
    (_, grey) => (grey - (level - 0.5 - width / 2)) / width * 255);
  const source = state.pixels.data;
  const film = element("film"), context = film.getContext("2d");
  const shown = context.createImageData(film.width, film.height);
  const plain = level === 128 && width === 255;
  for (let at = 0; at < source.length; at += 1) {
    shown.data[at] = at % 4 === 3 || plain ? source[at] : table[source[at]];
  }
  context.putImageData(shown, 0, 0);
}
