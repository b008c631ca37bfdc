// What a page does beyond being read: folds open for links, tables sort, figures tell their values.
// Everything can be read without it. No request is made, nothing is stored.
(() => {
"use strict";
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// Folds: a link to something folded opens it, and one button opens or closes all.
const reveal = hash => {
  const target = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!target) return;
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  target.scrollIntoView();
};
addEventListener("hashchange", () => reveal(location.hash));
document.addEventListener("click", event => {
  const link = event.target.closest("a[href^='#']");
  if (link && link.hash === location.hash) reveal(link.hash);
});
reveal(location.hash);
for (const button of all(".fold-all")) {
  const [open, close] = [button.textContent, button.dataset.close];
  button.hidden = false;
  button.addEventListener("click", () => {
    const opening = button.textContent === open;
    for (const one of all("main details")) one.open = opening;
    button.textContent = opening ? close : open;
  });
}
if (!CSS.supports("selector(::details-content)")) {
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("main details:not([open], .run)");
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => closed.forEach(one => { one.open = false; }));
}

// Contents: the section that is being read is marked.
const links = new Map(all(".contents a").map(link => [link.hash.slice(1), link]));
const watcher = new IntersectionObserver(entries => {
  const entry = entries.filter(one => one.isIntersecting).pop();
  if (!entry) return;
  for (const [id, link] of links) {
    if (id === entry.target.id) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
}, {rootMargin: "-10% 0px -75% 0px"});
for (const id of links.keys()) {
  const target = document.getElementById(id);
  if (target) watcher.observe(target);
}

// Tables: a column sorts one way, then the other, then the rows go back to where they were.
const order = new Intl.Collator(document.documentElement.lang, {numeric: true});
const valueOf = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.value ?? cell.textContent.trim();
};
const compare = (one, other, numbers) => {
  if (one === "" || other === "") return (one === "") - (other === "") || 0;
  return numbers ? Number(one) - Number(other) : order.compare(one, other);
};
const sort = (table, bodies, flat, column, direction) => {
  flat.remove();
  for (const [body, rows] of bodies) body.append(...rows);
  if (direction) {
    const rows = bodies.flatMap(([, own]) => own.filter(row => !row.matches(".group")));
    const numbers = rows.every(row => !isNaN(valueOf(row, column)));
    const sign = direction === "ascending" ? 1 : -1;
    const empty = row => valueOf(row, column) === "";
    rows.sort((a, b) => (empty(a) || empty(b) ? 1 : sign)
      * compare(valueOf(a, column), valueOf(b, column), numbers));
    flat.replaceChildren(...rows);
  }
  for (const [body] of bodies) {
    if (direction) body.remove();
    else table.insertBefore(body, table.tFoot);
  }
  if (direction) table.insertBefore(flat, table.tFoot);
};
for (const table of all("table.sortable")) {
  const bodies = [...table.tBodies].map(body => [body, [...body.rows]]);
  const flat = document.createElement("tbody");
  flat.className = "sorted";
  for (const [body, rows] of bodies) for (const row of rows) row.className += ` ${body.className}`;
  const heads = all("thead th", table);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const turns = head.matches(".num") ? ["descending", "ascending"] : ["ascending", "descending"];
      const direction = [...turns, null][turns.indexOf(head.getAttribute("aria-sort")) + 1];
      for (const one of heads) one.removeAttribute("aria-sort");
      if (direction) head.setAttribute("aria-sort", direction);
      sort(table, bodies, flat, column, direction);
    });
  });
}

// Figures: the mark that is nearest to pointer or finger tells its value; arrow keys go from mark to
// mark, with one tab stop a figure. Native tooltips, which are slow and ask for a mouse, go.
const tip = document.createElement("div");
const ring = document.createElement("div");
tip.className = "hover-tip";
ring.className = "hover-ring";
tip.setAttribute("role", "status");
const marksOf = new WeakMap();
const collect = figure => {
  if (!marksOf.has(figure)) {
    const found = all("title, [title]", figure).filter(one => one.parentNode !== figure).map(one => {
      const text = one.tagName === "title" ? one.textContent : one.title;
      const node = one.tagName === "title" ? one.parentNode : one;
      if (node === one) one.removeAttribute("title");
      else one.remove();
      return {node, text};
    });
    const own = figure.querySelector(":scope > title");
    if (own) {
      figure.setAttribute("aria-label", own.textContent);
      figure.removeAttribute("aria-labelledby");
      figure.setAttribute("aria-describedby", own.nextElementSibling.id);
      own.remove();
    }
    marksOf.set(figure, found);
  }
  return marksOf.get(figure);
};
const away = (box, x, y) => Math.hypot(
  Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
const nearest = (figure, x, y, reach) => {
  let best = null;
  for (const mark of collect(figure)) {
    const box = mark.node.getBoundingClientRect();
    const gap = away(box, x, y) + Math.hypot(box.width, box.height) / 1000;
    if (gap <= reach) [best, reach] = [mark, gap];
  }
  return best;
};
const hide = () => { tip.remove(); ring.remove(); };
const show = mark => {
  if (!mark) return hide();
  const box = mark.node.getBoundingClientRect();
  document.body.append(ring, tip);
  tip.textContent = mark.text;
  Object.assign(ring.style, {left: `${box.left - 4}px`, top: `${box.top - 4}px`,
    width: `${box.width + 8}px`, height: `${box.height + 8}px`});
  const left = Math.min(Math.max((box.left + box.right - tip.offsetWidth) / 2, 8),
    document.documentElement.clientWidth - tip.offsetWidth - 8);
  const above = box.top - tip.offsetHeight - 10;
  tip.style.left = `${left}px`;
  tip.style.top = `${above < 4 ? box.bottom + 10 : above}px`;
};
for (const figure of all("svg.plot, .hover")) {
  if (!figure.querySelector(":scope * > title, [title]")) continue;
  let at = -1;
  figure.tabIndex = 0;
  figure.addEventListener("pointermove", event => {
    if (event.pointerType !== "touch") show(nearest(figure, event.clientX, event.clientY, 20));
  });
  figure.addEventListener("pointerleave", event => { if (event.pointerType !== "touch") hide(); });
  figure.addEventListener("click", event => show(nearest(figure, event.clientX, event.clientY, 32)));
  figure.addEventListener("blur", hide);
  figure.addEventListener("keydown", event => {
    const marks = collect(figure);
    const to = {ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: marks.length - 1}[event.key];
    if (event.key === "Escape") return hide();
    if (to === undefined || event.target !== figure) return;
    event.preventDefault();
    at = Math.min(Math.max(to, 0), marks.length - 1);
    show(marks[at]);
  });
}
addEventListener("scroll", hide, {passive: true, capture: true});
document.addEventListener("click", event => {
  if (!event.target.closest("svg.plot, .hover")) hide();
});
})();
