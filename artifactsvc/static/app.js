"use strict";
// What HTML cannot do: times in the reader's zone, the theme switch, copying, keys, pages that refresh themselves.

const age = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
const AGES = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

function showTimes(root) {
  for (const element of root.querySelectorAll("time[data-style]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const style = element.dataset.style;
    element.textContent = style === "age" ? ageOf(moment) : style === "time" ? clock.format(moment) : day.format(moment);
  }
}

function ageOf(moment) {
  const seconds = (moment - Date.now()) / 1000;
  for (const [unit, length] of AGES) if (Math.abs(seconds) >= length) return age.format(Math.round(seconds / length), unit);
  return "now";
}

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // without HTTPS browsers have no clipboard for scripts
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = before; }, 1200);
}

function prepare(root) {
  showTimes(root);
  for (const button of root.querySelectorAll("[data-copy], [data-copy-from], [data-copy-link], [data-theme-switch], [data-keys], [data-compare]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.copy) copy(button, button.dataset.copy);
  else if (button.dataset.copyFrom) copy(button, document.getElementById(button.dataset.copyFrom).textContent);
  else if ("copyLink" in button.dataset) copy(button, location.href);
  else if ("themeSwitch" in button.dataset) switchTheme();
  else if ("keys" in button.dataset) document.querySelector("dialog.keys").showModal();
});

const THEMES = ["system", "light", "dark"];
function switchTheme() {
  const now = document.documentElement.dataset.theme || "system";
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try { next === "system" ? localStorage.removeItem("theme") : localStorage.setItem("theme", next); } catch { /* not remembered then */ }
  nameTheme();
}
function nameTheme() {
  const label = `Theme: ${document.documentElement.dataset.theme || "system"}`;
  for (const button of document.querySelectorAll("[data-theme-switch]")) { button.title = label; button.setAttribute("aria-label", label); }
}

function isTyping(event) {
  return event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([type=radio]), textarea, select, [contenteditable]");
}
document.addEventListener("keydown", (event) => {
  if (isTyping(event) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") document.querySelector("dialog.keys")?.showModal();
  else if (event.key === "/") { const box = document.querySelector("header.top input[type=search]"); if (box) { event.preventDefault(); box.focus(); box.select(); } }
  else { const link = document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`); if (link) location.assign(link.href); }
});

// A page of something that is still running: its parts are exchanged, scroll positions and focus stay.
function keepFresh() {
  const live = document.querySelector("[data-refresh]");
  if (!live) return;
  setTimeout(async () => {
    if (!document.hidden && !document.querySelector("dialog[open]") && !document.activeElement?.closest("form")) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        if (answer.ok && !answer.redirected) exchange(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch { /* the server may be away for a moment: the next turn tries again */ }
    }
    keepFresh();
  }, Number(live.dataset.refresh) * 1000);
}
const sent = new WeakMap(); // what the server sent last: scripts have changed the page's own since
const liveParts = (root) => root.querySelector("[data-live]") ? [...root.querySelectorAll("[data-live]")] : [root.querySelector("main")];
const nameOf = (details) => details.querySelector("summary")?.lastElementChild?.textContent;
function exchange(fresh) {
  const made = new Map(liveParts(fresh).map((part) => [part.dataset.live, part.innerHTML]));
  const parts = liveParts(document);
  if (parts.length !== made.size || !parts.every((part) => made.has(part.dataset.live))) { location.reload(); return; } // its first steps
  parts.forEach((old) => {
    const html = made.get(old.dataset.live);
    if (html === sent.get(old)) return;
    sent.set(old, html);
    const scroll = [old.scrollTop, old.querySelector(".film")?.scrollLeft ?? 0, window.scrollY];
    const focus = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
    const unfolded = new Set([...old.querySelectorAll("details[open]")].map(nameOf));
    old.innerHTML = html;
    prepare(old);
    for (const details of old.querySelectorAll("details")) if (unfolded.has(nameOf(details))) details.open = true;
    if (focus) old.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    old.scrollTop = scroll[0];
    const film = old.querySelector(".film");
    if (film) film.scrollLeft = scroll[1];
    window.scrollTo(window.scrollX, scroll[2]);
  });
  if (!fresh.querySelector("[data-refresh]")) document.querySelector("[data-refresh]")?.removeAttribute("data-refresh");
  document.dispatchEvent(new Event("refreshed"));
}

if (document.querySelector("[data-refresh]")) for (const part of [...liveParts(document), document.getElementById("step")]) if (part) sent.set(part, part.innerHTML);
prepare(document);
nameTheme();
keepFresh();
