// The studies of a folder; what is in progress is asked for again while it is looked at.
import { api, integer, make, percent, say, trouble } from "./api.js";

const EVERY_MS = 3000;

export function startRuns() {
  const box = document.getElementById("studies");
  let timer = 0, last = "", turn = 0;
  const look = async mine => {
    let said = null, wrong = [""];
    try {
      said = await api("runs");
    } catch (error) {
      wrong = [error.message, error.reason];
    }
    if (mine !== turn) return; // another view is looked at meanwhile
    trouble(...wrong);
    const now = JSON.stringify(said);
    if (said && now !== last) { renew(box, studies(said)); last = now; }
    timer = setTimeout(look, EVERY_MS, mine);
  };
  return on => {
    turn += 1;
    clearTimeout(timer);
    if (on) look(turn);
  };
}

// What is new takes the place of what was; a link that had the focus keeps it.
function renew(box, children) {
  const held = box.contains(document.activeElement) ? document.activeElement.href : null;
  box.replaceChildren(...children);
  if (held) [...box.querySelectorAll("a")].find(one => one.href === held)?.focus();
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
      ...notShown(one).map(text => make("p", { class: "fine guessing" }, text)),
      one.report ? make("a", { href: one.report, class: "open" }, say("report")) : null),
    make("ul", {}, ...one.runs.map(row)));
}

// Which experiments are not shown to be better than guessing, all seeds together.
function notShown(one) {
  const verdicts = Object.entries(one.guessing);
  const names = verdicts.filter(([, verdict]) => verdict === "not shown").map(([name]) => name);
  if (!names.length) return [];
  if (names.length === verdicts.length && names.length > 1) return [say("none_shown")];
  return [say("names_not_shown", { names: names.join(", ") })];
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
  if (run.state === "finished") {
    const [low, high] = run.test_interval.map(end => percent(end, 2));
    return [say("accuracy", { share: percent(run.test_accuracy, 2) }),
      make("small", {}, say("accuracy_interval", { low, high })),
      ["not shown", "ranking only"].includes(run.guessing)
        ? make("small", { class: "guessing" }, say(`guessing_${run.guessing}`)) : null];
  }
  if (run.state === "failed") return [say("diverged_in", { epoch: integer(run.epoch) })];
  if (run.epochs === null) return [say(run.state)];
  const far = { done: integer(run.epoch), all: integer(run.epochs) };
  if (run.state === "interrupted") return [say("interrupted_after", far)];
  const words = run.step === "judging" ? say("judging") : say("epochs_done", far);
  const reached = run.validation_accuracy === null ? null
    : make("small", {}, say("validation", { share: percent(run.validation_accuracy, 2) }));
  return [make("progress", { value: run.epoch, max: run.epochs, "aria-label": words }), words, reached];
}
