// The studies of a folder; what is in progress is asked for again while it is looked at.
import { api, integer, make, percent, say, trouble } from "./api.js";

const EVERY_MS = 3000;

export function startRuns() {
  const box = document.getElementById("studies");
  let timer = 0, last = "";
  const look = async () => {
    try {
      const said = await api("runs");
      const now = JSON.stringify(said);
      if (now !== last) { box.replaceChildren(...studies(said)); last = now; }
      trouble("");
    } catch (error) {
      trouble(error.message);
    }
    timer = setTimeout(look, EVERY_MS);
  };
  return on => {
    clearTimeout(timer);
    if (on) look();
  };
}

function studies(said) {
  if (!said.studies.length) return [make("p", {}, say("no_runs"))];
  return said.studies.map(study);
}

function study(one) {
  const done = one.runs.filter(run => run.state === "finished").length;
  const all = one.runs.length;
  const count = done < all ? say("runs_done", { done: integer(done), all: integer(all) })
    : all > 1 ? say("all_runs_done", { all: integer(all) }) : "";
  return make("article", { class: `study state-${one.state}` },
    make("header", {},
      make("h2", {}, one.path ? one.name : say("single_runs")),
      make("p", { class: "state" }, say(one.state)),
      make("p", { class: "fine" }, count),
      one.report ? make("a", { href: one.report, class: "open" }, say("report")) : null),
    make("ul", {}, ...one.runs.map(row)));
}

function row(run) {
  const seed = run.seed === null ? "" : say("seed", { n: run.seed });
  return make("li", { class: `state-${run.state}` },
    make("span", { class: "run-name" }, run.experiment),
    make("span", { class: "fine" }, seed),
    make("span", { class: "run-said" }, ...told(run)),
    run.report ? make("a", { href: run.report, "aria-label": `${say("report")}: ${run.path}` },
      say("report")) : null);
}

// How good a run is, or how far.
function told(run) {
  if (run.state === "finished") return [say("accuracy", { share: percent(run.test_accuracy, 2) })];
  if (run.epochs === null) return [say(run.state)];
  const far = { done: integer(run.epoch), all: integer(run.epochs) };
  if (run.state === "interrupted") return [say("interrupted_after", far)];
  const words = run.step === "judging" ? say("judging") : say("epochs_done", far);
  const reached = run.validation_accuracy === null ? null
    : make("small", {}, say("validation", { share: percent(run.validation_accuracy, 2) }));
  return [make("progress", { value: run.epoch, max: run.epochs, "aria-label": words }), words, reached];
}
