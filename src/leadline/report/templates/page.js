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

// Contents: the section that is being read is marked.
const watcher = new IntersectionObserver(entries => {
  const entry = entries.filter(one => one.isIntersecting).pop();
  if (!entry) return;
  for (const link of all(".contents a")) {
    if (link.hash === `#${entry.target.id}`) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
}, {rootMargin: "-10% 0px -75% 0px"});
for (const link of all(".contents a")) watcher.observe(document.getElementById(link.hash.slice(1)));

// Tables: a column sorts one way, then the other, then the rows go back to where they were.
const order = new Intl.Collator(document.documentElement.lang, {numeric: true});
const valueOf = (row, column) => {
  const cell = row.cells[column];
  return cell.dataset.value ?? cell.textContent.trim();
};
const compare = (one, other, numbers, sign) => (one === "" || other === ""
  ? (one === "") - (other === "")
  : sign * (numbers ? one - other : order.compare(one, other)));
const sort = (table, groups, flat, column, direction) => {
  for (const [body, rows] of groups) body.append(...rows);
  const rows = groups.flatMap(([, own]) => own).filter(row => !row.matches(".group"));
  const numbers = rows.every(row => !isNaN(valueOf(row, column)));
  const sign = {ascending: 1, descending: -1}[direction];
  rows.sort((a, b) => compare(valueOf(a, column), valueOf(b, column), numbers, sign));
  if (direction) flat.replaceChildren(...rows);
  for (const body of [...table.tBodies]) body.remove();
  const shown = direction ? [flat] : groups.map(([body]) => body);
  for (const body of shown) table.insertBefore(body, table.tFoot);
};
for (const table of all("table.sortable")) {
  const groups = [...table.tBodies].map(body => [body, [...body.rows]]);
  const flat = document.createElement("tbody");
  flat.className = "sorted";
  for (const [body, rows] of groups) for (const row of rows) row.className += ` ${body.className}`;
  const heads = all("thead th", table);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const turns = ["ascending", "descending"];
      if (head.matches(".num")) turns.reverse();
      const direction = [...turns, null][turns.indexOf(head.getAttribute("aria-sort")) + 1];
      for (const one of heads) one.removeAttribute("aria-sort");
      if (direction) head.setAttribute("aria-sort", direction);
      sort(table, groups, flat, column, direction);
    });
  });
}

// Tables: one that is wider than its box shows each row as a block, every value below its header.
const label = table => {
  const heads = all("thead th", table).map(head => head.textContent.trim());
  for (const row of [...table.tBodies, table.tFoot ?? []].flatMap(part => [...part.rows ?? []])) {
    let column = 0;
    for (const cell of row.cells) {
      if (column && heads[column] && cell.colSpan === 1) cell.dataset.label = heads[column];
      column += cell.colSpan;
    }
  }
};
const roles = {TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TFOOT: "rowgroup", TR: "row",
  TD: "cell", TH: "cell"};
const widths = new WeakMap();
const fit = box => {
  const table = box.querySelector("table:not(.matrix)");
  if (!table || !box.clientWidth || widths.get(box) === box.clientWidth) return;
  widths.set(box, box.clientWidth);
  table.classList.remove("stacked");
  if (box.scrollWidth <= box.clientWidth + 1) return;
  table.classList.add("stacked");
  if (table.dataset.labelled) return;
  table.dataset.labelled = "yes";
  label(table);
  for (const one of [table, ...all("thead, tbody, tfoot, tr, td, th", table)]) {
    one.setAttribute("role", roles[one.tagName]);
  }
};
const boxes = all(".table-box");
const sizes = new ResizeObserver(entries => entries.forEach(entry => fit(entry.target)));
for (const box of boxes) sizes.observe(box);
addEventListener("beforeprint", () => {
  for (const table of all(".stacked")) table.classList.remove("stacked");
});
addEventListener("afterprint", () => {
  for (const box of boxes) { widths.delete(box); fit(box); }
});

// Figures: the mark nearest to pointer or finger tells its value, and arrow keys go from mark to
// mark, with one tab stop a figure. Native tooltips, slow and for a mouse alone, go.
const make = className => Object.assign(document.createElement("div"), {className});
const [tip, ring] = [make("hover-tip"), make("hover-ring")];
tip.setAttribute("role", "status");
const marksOf = new WeakMap();
const untitle = one => {
  const inside = one.tagName === "title";
  const mark = {node: inside ? one.parentNode : one, text: inside ? one.textContent : one.title};
  if (inside) one.remove();
  else one.removeAttribute("title");
  return mark;
};
const take = figure => {
  const found = all("title, [title]", figure).map(untitle);
  const own = found.find(mark => mark.node === figure);
  const words = figure.querySelector(":scope > desc");
  if (own) words.textContent = `${own.text}. ${words.textContent}`;
  return found.filter(mark => mark !== own);
};
const collect = figure => marksOf.get(figure) ?? marksOf.set(figure, take(figure)).get(figure);
const nearest = (figure, x, y, reach) => {
  let best = null;
  for (const mark of collect(figure)) {
    const box = mark.node.getBoundingClientRect();
    const [across, down] = [[box.left - x, x - box.right], [box.top - y, y - box.bottom]];
    const gap = Math.hypot(Math.max(0, ...across), Math.max(0, ...down)) + box.width / 1000;
    if (gap <= reach) [best, reach] = [mark, gap];
  }
  return best;
};
const hide = () => [tip, ring].forEach(one => one.remove());
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
  const top = above < 4 ? box.bottom + 10 : above;
  Object.assign(tip.style, {left: `${left}px`, top: `${top}px`});
};
for (const figure of all("svg.plot, .hover")) {
  if (!figure.querySelector(":scope * > title, [title]")) continue;
  let at = -1;
  figure.tabIndex = 0;
  figure.addEventListener("pointermove", event => {
    if (event.pointerType !== "touch") show(nearest(figure, event.x, event.y, 20));
  });
  figure.addEventListener("pointerleave", event => { if (event.pointerType !== "touch") hide(); });
  figure.addEventListener("click", event => show(nearest(figure, event.x, event.y, 32)));
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
addEventListener("click", event => event.target.closest("svg.plot, .hover") ?? hide());
})();
