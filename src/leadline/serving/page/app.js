// Which view is shown, and what all of them start from. No request leaves this server.
import { api, make, session, trouble } from "./api.js";
import { startDrawing } from "./draw.js";
import { startFilms } from "./film.js";
import { startRuns } from "./runs.js";

const sections = [...document.querySelectorAll("main > .view")];
const links = [...document.querySelectorAll("nav a")];
const shown = new Map();

function show() {
  const wanted = location.hash.slice(1);
  const current = sections.find(one => one.id === wanted) ?? sections[0];
  for (const one of sections) {
    const on = one === current;
    if (one.hidden === on) {
      one.hidden = !on;
      trouble(""); // of another view
      shown.get(one.id)?.(on);
    }
  }
  for (const link of links) {
    if (link.dataset.view === current.id) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

// The address with its token may be opened over this page, which browsers do not load again then.
addEventListener("hashchange", () => { if (location.hash.startsWith("#token=")) location.reload(); });
session();
try {
  const { models } = await api("models");
  const digits = models.filter(one => one.digits);
  if (document.getElementById("draw")) shown.set("draw", startDrawing(digits));
  shown.set("image", startFilms(models));
  if (document.getElementById("runs")) shown.set("runs", startRuns());
  addEventListener("hashchange", show);
  show();
} catch (error) {
  document.querySelector("nav").hidden = true; // nothing is behind it
  document.getElementById("content").prepend(make("h1", { class: "sr" }, document.title));
  trouble(error.message, error.reason);
}
document.documentElement.dataset.ready = "yes";
