// The canvas: mouse, touch and keys; while a digit is drawn, every family answers.
import { ask, decimal, integer, make, percent, picture, say, surely, trouble } from "./api.js";
import { EXAMPLES } from "./examples.js";

const SIDE = 280;      // of the paper, in pixels that are sent
const MARGIN = 60;     // around it
const PEN = 20;        // of these: about two of the network's 28
const STEP = 8;        // of the keyboard's pen
const SETTLED_MS = 160; // after the last stroke, before heat maps are asked for
const SVG = "http://www.w3.org/2000/svg";

export function startDrawing(models) {
  const paper = document.getElementById("paper");
  const strokes = [];
  const pen = { x: SIDE / 2, y: SIDE / 2, down: false, shown: false };
  const cards = new Map(models.map(one => [one.name, card(one)]));
  document.getElementById("families").append(...[...cards.values()].map(one => one.element));
  const asking = asker(strokes, cards);
  const changed = () => {
    draw(paper, strokes, pen);
    document.getElementById("undo").disabled = strokes.length === 0;
    document.getElementById("clear").disabled = strokes.length === 0;
    paper.closest(".paper").classList.toggle("empty", strokes.length === 0);
    asking();
  };
  const undo = () => { pen.down = false; strokes.pop(); changed(); };
  const clear = () => { pen.down = false; strokes.length = 0; changed(); };
  document.getElementById("undo").addEventListener("click", undo);
  document.getElementById("clear").addEventListener("click", clear);
  byPointer(paper, strokes, pen, changed);
  byKeys(paper, strokes, pen, changed, { undo, clear });
  document.getElementById("examples").append(...EXAMPLES.map((found, digit) => {
    const button = make("button", { type: "button" }, String(digit));
    button.addEventListener("click", () => {
      strokes.splice(0, strokes.length, ...found.map(
        points => points.map(([x, y]) => [x * SIDE, y * SIDE])));
      pen.down = false;
      changed();
    });
    return button;
  }));
  for (const one of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(one).addEventListener("change", () => draw(paper, strokes, pen));
  }
  changed();
  return on => { if (on) draw(paper, strokes, pen); };
}

// One family's answer, made once and filled in again and again.
function card(model) {
  const bars = model.classes.map(name => make("div", { class: "bar" },
    make("i", {}, make("b")), make("span", {}, name)));
  const parts = {
    digit: make("p", { class: "digit", "aria-hidden": "true" }, "–"),
    share: make("p", { class: "share" }, ""),
    next: make("p", { class: "next" }, ""),
    latency: make("dd", {}, "–"),
    seen: make("img", { alt: "", class: "below", ".hidden": true }),
    heat: make("img", { alt: "", class: "above", ".hidden": true }),
    bars,
  };
  const weights = model.weights === null ? "" : say("weights", { n: integer(model.weights) });
  const element = make("article", { class: `family family-${model.family}`, "data-model": model.name },
    make("h2", { class: "family-mark" }, model.name),
    make("div", { class: "answer-line" }, parts.digit,
      make("div", { class: "answer-words" }, parts.share, parts.next),
      make("div", { class: "tile small" }, parts.seen, parts.heat)),
    make("div", { class: "bars", "aria-hidden": "true" }, ...bars),
    make("dl", { class: "facts-line" }, make("div", {}, parts.latency), make("div", {}, make("dd", {}, weights))));
  return { element, model, ...parts };
}

function fill(one, answer) {
  one.digit.textContent = answer ? answer.class : "–";
  one.element.dataset.answer = answer ? answer.class : "";
  one.element.classList.toggle("out", answer?.in_scope === false);
  one.share.textContent = answer ? surely(answer.probability) : "";
  one.next.textContent = !answer ? "" : answer.in_scope === false ? say("out_of_scope")
    : say("runner_up", { name: answer.runner_up, share: surely(answer.runner_up_probability) });
  one.latency.textContent = answer ? say("latency", { ms: decimal(answer.latency_ms, 2) }) : "–";
  one.model.classes.forEach((name, at) => {
    const share = answer ? answer.probabilities[name] : 0;
    one.bars[at].querySelector("b").style.height = `${(share * 100).toFixed(1)}%`;
    one.bars[at].classList.toggle("most", answer?.class === name);
    one.bars[at].title = answer ? `${name}: ${surely(share)}` : "";
  });
  if (!answer) one.seen.hidden = one.heat.hidden = true;
}

// Asks as often as answers come, always about the newest drawing; heat maps once it rests.
function asker(strokes, cards) {
  let waiting = false, busy = false, version = 0, timer = 0, mapping = null, mapped = 0;
  const spoken = document.getElementById("spoken");
  const round = async () => {
    if (busy) { waiting = true; return; }
    busy = true;
    do {
      waiting = false;
      const asked = version;
      try {
        const said = strokes.length ? (await ask("predict", await png(strokes),
          { models: [...cards.keys()] })).answers[0] : null;
        if (!strokes.length) show(cards, null); // all was cleared meanwhile
        else if (asked === version || waiting) show(cards, said, mapped === version);
        trouble("");
      } catch (error) {
        show(cards, null); // else an answer would stand for this drawing
        drawStrokes(null);
        trouble(error.message, error.reason);
        mapping?.abort();
        clearTimeout(timer);
        if (error.retryMs) timer = setTimeout(again, error.retryMs);
      }
    } while (waiting);
    busy = false;
  };
  const explain = async () => {
    mapping = new AbortController();
    const asked = version;
    try {
      const file = await png(strokes);
      const said = await ask("explain", file, { models: [...cards.keys()], signal: mapping.signal });
      mapped = asked;
      for (const one of said.explanations) map(cards.get(one.model), one);
      drawStrokes(said.strokes);
      spoken.textContent = said.explanations.map(one => say("answers",
        { model: one.model, name: one.class, share: percent(one.probability) })).join(". ");
    } catch (error) {
      if (error.name === "AbortError") return;
      drawStrokes(null);
      if (error.retryMs) timer = setTimeout(explain, error.retryMs);
      else trouble(error.message, error.reason);
    }
  };
  const again = () => {
    version += 1;
    mapping?.abort();
    clearTimeout(timer);
    if (strokes.length) timer = setTimeout(explain, SETTLED_MS);
    else { show(cards, null); drawStrokes(null); spoken.textContent = say("nothing_drawn"); }
    round();
  };
  return again;
}

// keep: the heat maps are of this drawing already.
function show(cards, said, keep = false) {
  const seen = document.getElementById("seen");
  seen.hidden = !said?.seen_png;
  if (said?.seen_png) seen.src = picture(said.seen_png);
  for (const [name, one] of cards) {
    fill(one, said?.models.find(answer => answer.model === name));
    if (!said) continue;
    one.seen.src = picture(said.seen_png);
    one.seen.hidden = false;
    if (!keep) one.heat.hidden = true; // of an older drawing
  }
}

function map(one, said) {
  one.heat.src = picture(said.heat_png);
  one.heat.hidden = false;
}

function drawStrokes(said) {
  const svg = document.getElementById("strokes");
  svg.replaceChildren();
  said?.values.forEach((row, y) => row.forEach((cell, x) => cell.forEach((strength, k) => {
    if (strength < 0.04) return;
    const angle = said.degrees[k] / 180 * Math.PI, reach = said.cell_px / 2;
    const [dx, dy] = [reach * Math.cos(angle), reach * Math.sin(angle)];
    const [cx, cy] = [(x + 0.5) * said.cell_px, (y + 0.5) * said.cell_px];
    const line = document.createElementNS(SVG, "line");
    for (const [name, value] of Object.entries({
      x1: cx - dx, y1: cy - dy, x2: cx + dx, y2: cy + dy, "stroke-opacity": Math.sqrt(strength).toFixed(2),
    })) line.setAttribute(name, value);
    svg.append(line);
  })));
}

function path(context, strokes, scale) {
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = PEN * scale;
  for (const points of strokes) {
    context.beginPath();
    context.moveTo(points[0][0] * scale, points[0][1] * scale);
    for (const [x, y] of points) context.lineTo(x * scale, y * scale);
    context.stroke();
  }
}

function draw(paper, strokes, pen) {
  const context = paper.getContext("2d");
  const style = getComputedStyle(paper);
  const scale = paper.width / SIDE;
  context.clearRect(0, 0, paper.width, paper.height);
  context.strokeStyle = style.color;
  path(context, strokes, scale);
  if (!pen.shown) return;
  context.strokeStyle = style.getPropertyValue("--focus");
  context.lineWidth = 4;
  context.beginPath();
  context.arc(pen.x * scale, pen.y * scale, PEN * scale * (pen.down ? 0.5 : 0.8), 0, 2 * Math.PI);
  context.stroke();
}

// With a margin: of paper that is inked all over, its ground could not be told from its ink.
const sheet = document.createElement("canvas");
function png(strokes) {
  sheet.width = sheet.height = SIDE + 2 * MARGIN;
  const context = sheet.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.translate(MARGIN, MARGIN);
  context.beginPath();
  context.rect(0, 0, SIDE, SIDE);
  context.clip();
  context.strokeStyle = "#000";
  path(context, strokes, 1);
  return new Promise(resolve => { sheet.toBlob(resolve, "image/png"); });
}

function byPointer(paper, strokes, pen, changed) {
  let current = null;
  const at = event => {
    const box = paper.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * SIDE, (event.clientY - box.top) / box.height * SIDE];
  };
  // A stroke that ends fast would be a fling, and the tap after it would only stop that.
  paper.addEventListener("touchstart", event => event.preventDefault(), { passive: false });
  paper.addEventListener("pointerdown", event => {
    if (event.button !== 0 || current) return;
    paper.setPointerCapture(event.pointerId);
    Object.assign(pen, { down: false, shown: false });
    current = [at(event)];
    strokes.push(current);
    changed();
  });
  paper.addEventListener("pointermove", event => {
    if (!current) return;
    const found = event.getCoalescedEvents?.() ?? [];
    current.push(...(found.length ? found : [event]).map(at));
    changed();
  });
  for (const name of ["pointerup", "pointercancel"]) {
    paper.addEventListener(name, () => { current = null; });
  }
}

function byKeys(paper, strokes, pen, changed, { undo, clear }) {
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const within = value => Math.min(SIDE - PEN / 2, Math.max(PEN / 2, value));
  const tell = () => {
    document.getElementById("pen").textContent = say("pen", {
      x: Math.round(pen.x / SIDE * 100), y: Math.round(pen.y / SIDE * 100),
      state: say(pen.down ? "pen_down" : "pen_up"),
    });
  };
  paper.addEventListener("keydown", event => {
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); undo(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Backspace") undo();
    else if (event.key === "Delete") clear();
    else if (event.key === " ") {
      pen.down = !pen.down;
      if (pen.down) strokes.push([[pen.x, pen.y]]);
    } else if (moves[event.key]) {
      const [dx, dy] = moves[event.key];
      const step = event.shiftKey ? STEP / 4 : STEP;
      pen.x = within(pen.x + dx * step);
      pen.y = within(pen.y + dy * step);
      if (pen.down) strokes.at(-1).push([pen.x, pen.y]);
    } else return;
    event.preventDefault();
    pen.shown = true;
    changed();
    tell();
  });
  paper.addEventListener("focus", () => {
    if (paper.matches(":focus-visible")) { pen.shown = true; draw(paper, strokes, pen); }
  });
  paper.addEventListener("blur", () => { pen.shown = false; draw(paper, strokes, pen); });
}
