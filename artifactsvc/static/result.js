"use strict";
// A test result: exchanges the chosen step without loading the page again, keys, zoom, comparing.

const place = document.getElementById("step");
const cache = new Map();
const link = (number) => document.querySelector(`.steps a[data-step="${number}"]`);
const numbers = () => [...document.querySelectorAll(".steps a[data-step]")].map((a) => Number(a.dataset.step));
const current = () => Number(document.querySelector(".steps a[aria-current]")?.dataset.step);

function fragment(number) {
  if (!cache.has(number)) {
    const query = new URLSearchParams({ step: number });
    const iteration = new URLSearchParams(location.search).get("iteration");
    if (iteration) query.set("iteration", iteration);
    const path = location.pathname.replace(/\/$/, "");
    cache.set(number, fetch(`${path}/step?${query}`, { headers: { Accept: "text/html" } }).then((answer) => {
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      return answer.text();
    }));
    cache.get(number).catch(() => cache.delete(number));
    if (cache.size > 60) cache.delete(cache.keys().next().value);
  }
  return cache.get(number);
}

// `again`: the same step of a test that still runs; what did not change stays as the reader left it.
async function open(number, { scroll = true, remember = true, again = false } = {}) {
  const chosen = link(number);
  if (!chosen) return;
  mark(number);
  if (scroll) chosen.scrollIntoView({ block: "nearest" });
  if (remember) history.replaceState(null, "", `#step-${number}`);
  try {
    const html = await fragment(number);
    if (current() !== number) return; // somebody went on meanwhile
    const parsed = document.createElement("template");
    parsed.innerHTML = html;
    if (again && parsed.innerHTML.trim() === sent.get(place)?.trim()) return;
    sent.set(place, parsed.innerHTML);
    const detail = document.querySelector(".detail");
    const [top, picked] = [detail.scrollTop, place.querySelector(".pick:checked")?.id];
    place.innerHTML = html;
    prepare(place);
    if (again && picked) { const tab = document.getElementById(picked); if (tab) tab.checked = true; }
    detail.scrollTo({ top: again ? top : 0, behavior: "instant" });
  } catch {
    if (again) return; // the next turn tries again
    location.assign(chosen.href); // the way without scripts: it also leads to the login when the session has ended
    return;
  }
  const all = numbers();
  const next = all[all.indexOf(number) + 1];
  if (next) fragment(next).catch(() => {});
}

function mark(number) {
  for (const a of document.querySelectorAll(".steps a[aria-current], .film a[aria-current]")) a.removeAttribute("aria-current");
  link(number)?.setAttribute("aria-current", "step");
  const shots = document.querySelectorAll(`.film a[data-step="${number}"]`);
  shots.forEach((a) => a.setAttribute("aria-current", "true"));
  const film = shots[0]?.parentElement;
  if (film) film.scrollLeft = shots[0].offsetLeft - film.offsetLeft - film.clientWidth / 2 + 52;
}

document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const step = event.target.closest("a[data-step]");
  if (step) { event.preventDefault(); open(Number(step.dataset.step)); return; }
  const shot = event.target.closest("a[data-zoom]");
  if (shot) { event.preventDefault(); zoom(); return; }
  const compare = event.target.closest("[data-compare]");
  if (compare) toggleCompare(compare);
});

function move(by, failedOnly) {
  const all = failedOnly ? [...document.querySelectorAll(".steps .failed a[data-step]")].map((a) => Number(a.dataset.step)) : numbers();
  const here = current();
  const next = by > 0 ? all.find((number) => number > here) : all.filter((number) => number < here).pop();
  if (next !== undefined) open(next);
}

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  if (document.querySelector("dialog.zoom[open]") && event.key === "z") { document.querySelector("dialog.zoom").close(); return; }
  if (document.querySelector("dialog[open]")) return;
  const inFilm = event.target.closest?.(".film, .tabs, .pick");
  const moves = { j: [1], k: [-1], f: [1, true], F: [-1, true], ArrowDown: [1], ArrowUp: [-1] };
  if (event.key === "z") zoom();
  else if (moves[event.key] && !(inFilm && event.key.startsWith("Arrow"))) { event.preventDefault(); move(...moves[event.key]); }
});

function zoom() {
  const image = [...place.querySelectorAll(".shot img, .compare img")].find((img) => img.offsetParent);
  if (!image) return;
  let dialog = document.querySelector("dialog.zoom");
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.className = "zoom fit";
    dialog.setAttribute("aria-label", "Screenshot, enlarged");
    dialog.addEventListener("click", (event) => { event.target.tagName === "IMG" ? dialog.classList.toggle("fit") : dialog.close(); });
    document.body.append(dialog);
  }
  dialog.replaceChildren(Object.assign(new Image(), { src: image.src, alt: image.alt }));
  dialog.classList.add("fit");
  dialog.showModal();
}

function toggleCompare(button) {
  const shots = button.closest(".shots");
  const shown = shots.querySelector(".compare");
  if (shown) {
    shown.remove();
    shots.classList.remove("comparing");
    button.textContent = "Compare";
    return;
  }
  const figures = [...shots.querySelectorAll(".shot")];
  const chosen = figures.find((figure) => figure.offsetParent) ?? figures[0];
  const other = figures.find((figure) => figure !== chosen && figure.classList.contains("spassed")) ?? figures.find((figure) => figure !== chosen);
  const [left, right] = [other, chosen].map((figure) => figure.querySelector("img"));
  const name = (figure) => shots.querySelector(`label[for="${figure.className.includes("spassed") ? "shot-passed" : `shot-${figure.className.match(/s(\d)/)[1]}`}"]`).textContent;
  const box = document.createElement("div");
  box.className = "compare";
  const below = Object.assign(new Image(), { src: right.src, alt: right.alt });
  const over = Object.assign(new Image(), { src: left.src, alt: left.alt, className: "over" });
  const stage = document.createElement("div");
  stage.className = "compare";
  stage.append(below, over);
  const range = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 100, value: 50 });
  range.setAttribute("aria-label", `${name(other)} against ${name(chosen)}`);
  const cut = () => { over.style.clipPath = `inset(0 ${100 - range.value}% 0 0)`; };
  range.addEventListener("input", cut);
  const names = document.createElement("div");
  names.className = "names sub";
  names.append(...[other, chosen].map((figure) => Object.assign(document.createElement("span"), { textContent: name(figure) })));
  box.append(range, names, stage);
  cut();
  shots.classList.add("comparing");
  shots.append(box);
  button.textContent = "Side by tab";
}

addEventListener("hashchange", () => {
  const number = Number(location.hash.match(/^#step-(\d+)$/)?.[1]);
  if (number && number !== current()) open(number, { remember: false });
});
document.addEventListener("refreshed", () => {
  const here = Number(place?.querySelector(".step")?.dataset.number);
  cache.clear();
  if (here && link(here)) open(here, { scroll: false, remember: false, again: true });
});

const asked = Number(location.hash.match(/^#step-(\d+)$/)?.[1]);
if (asked && asked !== current() && link(asked)) open(asked, { remember: false });
else { const here = current(); link(here)?.scrollIntoView({ block: "center" }); mark(here); window.scrollTo(0, 0); }
