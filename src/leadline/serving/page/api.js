// How the page asks its server: one place that knows the token, and how problems are told.
const words = JSON.parse(document.getElementById("words").textContent);
const language = document.documentElement.lang;
let token = "";

export const say = (name, places = {}) =>
  words[name].replace(/\{(\w+)\}/g, (_all, place) => places[place] ?? "");
// What a card or a model file calls something, in the reader's words where there are any.
export const called = (kind, name) => words[`${kind}_${name}`] ?? name;
export const percent = (share, digits = 1) => new Intl.NumberFormat(language, {
  style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits,
}).format(share);
// Never 100% for what is not certain: 0.99996 is shown as "> 99.9%".
export const surely = share => share > 0.9995 && share < 1 ? `>\u00a0${percent(0.999)}`
  : share < 0.0005 && share > 0 ? `<\u00a0${percent(0.001)}` : percent(share);
export const integer = n => new Intl.NumberFormat(language).format(n);
export const decimal = (x, digits) => new Intl.NumberFormat(language, {
  minimumFractionDigits: digits, maximumFractionDigits: digits,
}).format(x);

// The token comes once, behind the #, and is not left in the address or the history.
export function session() {
  const given = /^#token=([^&]+)/.exec(location.hash);
  if (given) {
    token = decodeURIComponent(given[1]);
    sessionStorage.setItem("leadline-token", token);
    history.replaceState(null, "", location.pathname);
  } else {
    token = sessionStorage.getItem("leadline-token") ?? "";
  }
  if (token) api("session", { method: "POST" }).catch(() => {});
}

export async function api(path, options = {}) {
  const headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(say("failed"));
  }
  if (answer.status === 204) return null;
  if (answer.ok) return answer.json();
  if (answer.status === 401) throw new Error(say("token_missing"));
  const problem = await answer.json().catch(() => ({}));
  // The reason is the API's, in English; readers of another language get a sentence of theirs first.
  const own = language === "en" ? undefined : words[`refused_${answer.status}`];
  throw Object.assign(new Error(own ?? problem.detail ?? say("failed")), {
    reason: own && problem.detail,
    retryMs: 1000 * Number(answer.headers.get("Retry-After")),
  });
}

// Posts a file as it is; several models by name.
export function ask(path, file, { models = [], signal, ...query } = {}) {
  const search = new URLSearchParams(query);
  for (const one of models) search.append("model", one);
  const kind = file.type.startsWith("image/") ? file.type : "application/octet-stream";
  return api(`${path}?${search}`, {
    method: "POST", body: file, signal, headers: { "Content-Type": kind },
  });
}

export function trouble(text, reason = "") {
  const box = document.getElementById("trouble");
  box.replaceChildren(text, ...(reason ? [" ", make("span", { lang: "en" }, reason)] : []));
  box.hidden = !text;
  if (text) box.scrollIntoView({ block: "nearest" });
}

// An element with attributes, properties (.name) and children; text is never taken for markup.
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith(".")) made[name.slice(1)] = value;
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter(one => one !== null));
  return made;
}

export const picture = (base64, kind = "png") => `data:image/${kind};base64,${base64}`;
