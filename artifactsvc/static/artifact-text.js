"use strict";
// A text of any length: windows of lines come and go as one scrolls; the search asks the server, which reads the whole file.

(() => {
  const log = document.querySelector(".log");
  if (!log) return;
  const total = Number(log.dataset.total), size = Number(log.dataset.window), opened = Number(log.dataset.first);
  const url = log.dataset.url, view = log.dataset.view;
  const SECTION = 600 * size; // browsers lay out no element of more than some ten million pixels
  const KEEP = 8; // windows that stay loaded around what is seen
  const base = Math.floor((opened - 1) / SECTION) * SECTION + 1;
  const end = Math.min(total, base + SECTION - 1);
  const form = document.querySelector(".log-find"), field = form.querySelector(".log-q"), counter = form.querySelector(".log-count");
  const range = document.querySelector(".log-range");
  const steps = [...form.querySelectorAll("[data-log-step]")];
  let query = field.value, current = 0;
  const LINE = 20; // pixels, of artifact.css
  const digits = (number) => number.toLocaleString("en").replaceAll(",", "\u202f");

  // Windows

  const windows = [];
  for (let first = base; first <= end; first += size) {
    const there = first === opened ? log.querySelector(".log-window") : null;
    const element = there ?? Object.assign(document.createElement("div"), { className: "log-window" });
    const item = { first, last: Math.min(end, first + size - 1), element, loaded: Boolean(there), loading: null };
    if (!there) element.style.height = `${(item.last - first + 1) * LINE}px`;
    windows.push(item);
  }
  const start = log.querySelector(".log-window");
  start.before(...windows.filter((item) => item.first < opened).map((item) => item.element));
  start.after(...windows.filter((item) => item.first > opened).map((item) => item.element));

  const windowOf = (line) => windows[Math.floor((line - base) / size)];
  const lineElement = (line) => document.getElementById(`L${line}`);

  function load(item) {
    if (item.loaded) return Promise.resolve();
    item.loading ??= (async () => {
      try {
        const response = await fetch(`${url}/lines?first=${item.first}${query ? `&q=${encodeURIComponent(query)}` : ""}`, { credentials: "same-origin" });
        if (!response.ok || response.redirected) throw new Error(`HTTP ${response.status}`);
        const html = await response.text();
        const above = item.element.offsetTop + item.element.offsetHeight <= log.scrollTop;
        const before = item.element.offsetHeight;
        item.element.innerHTML = html; // escaped by the server
        item.element.style.height = "";
        item.loaded = true;
        if (above && !CSS.supports("overflow-anchor: auto")) log.scrollTop += item.element.offsetHeight - before;
        mark();
      } finally {
        item.loading = null;
      }
    })();
    return item.loading;
  }

  function unload(item) {
    if (!item.loaded) return;
    item.element.style.height = `${item.element.offsetHeight}px`;
    item.element.textContent = "";
    item.loaded = false;
  }

  function visible() { // the first and the last window that can be seen
    const find = (y) => {
      let low = 0, high = windows.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (windows[middle].element.offsetTop <= y) low = middle;
        else high = middle - 1;
      }
      return low;
    };
    return [find(log.scrollTop), find(log.scrollTop + log.clientHeight)];
  }

  function topLine() {
    const item = windows[visible()[0]];
    if (!item.loaded) return item.first + Math.floor((log.scrollTop - item.element.offsetTop) / LINE);
    const line = [...item.element.children].find((child) => child.offsetTop + child.offsetHeight > log.scrollTop + 1);
    return line ? Number(line.id.slice(1)) : item.last;
  }

  let timer = 0;
  function settle() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const [low, high] = visible();
      for (let at = Math.max(0, low - 1); at <= Math.min(windows.length - 1, high + 1); at++) load(windows[at]).catch(() => {});
      windows.forEach((item, at) => { if (at < low - KEEP || at > high + KEEP) unload(item); });
      const first = Math.max(1, topLine());
      range.textContent = `Line ${digits(first)} of ${digits(total)}`;
    }, 60);
  }
  log.addEventListener("scroll", settle, { passive: true });
  addEventListener("resize", settle);

  // Lines

  function mark() {
    log.querySelector(".log-current")?.classList.remove("log-current");
    lineElement(current)?.classList.add("log-current");
  }

  async function goTo(line, address) {
    line = Math.min(Math.max(1, line), total);
    if (line < base || line > end) {
      const wanted = query ? `&q=${encodeURIComponent(query)}` : "";
      location.assign(`${url}?line=${line}${wanted}${view}#L${line}`);
      return;
    }
    current = line;
    const item = windowOf(line);
    if (!item.loaded) log.scrollTop = item.element.offsetTop + (line - item.first) * LINE - log.clientHeight / 2;
    await load(item);
    if (current !== line) return;
    const element = lineElement(line);
    log.scrollTop = element.offsetTop - (log.clientHeight - element.offsetHeight) / 2;
    mark();
    if (address) history.replaceState(null, "", `${location.pathname}${view ? `?${view.slice(1)}` : ""}#L${line}`);
    settle();
  }

  log.addEventListener("click", async (event) => {
    const more = event.target.closest(".log-more");
    if (more && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      const response = await fetch(`${more.href}${query ? `&q=${encodeURIComponent(query)}` : ""}`, { credentials: "same-origin" });
      if (!response.ok || response.redirected) return location.assign(more.href);
      const part = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".log-line");
      const again = part.querySelector(".log-more"); // longer than a browser can take
      if (again) again.replaceWith(Object.assign(document.createElement("span"), { className: "log-note", textContent: again.textContent }));
      more.closest(".log-line").replaceWith(document.adoptNode(part));
      return mark();
    }
    const number = event.target.closest(".log-n");
    if (!number || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    current = Number(number.dataset.n);
    mark();
    history.replaceState(null, "", `${location.pathname}${view ? `?${view.slice(1)}` : ""}#L${current}`);
  });

  const goto = document.querySelector(".log-goto");
  goto.addEventListener("submit", (event) => {
    event.preventDefault();
    goTo(Number(goto.elements.line.value), true);
  });

  document.querySelector(".log-pages").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const shown = Math.max(1, Math.floor(log.clientHeight / LINE) - 2);
    const line = { prev: topLine() - shown, next: topLine() + 2 * shown }[link.rel] ?? Number(new URL(link.href).searchParams.get("line"));
    goTo(line);
  });

  addEventListener("hashchange", fromAddress);
  function fromAddress() {
    const line = /^#L([1-9][0-9]{0,9})$/.exec(location.hash);
    if (line) goTo(Number(line[1]));
    return Boolean(line);
  }

  // Search

  let found = [], next = null, hit = -1, serial = 0;

  async function ask(first) {
    const response = await fetch(`${url}/find?q=${encodeURIComponent(query)}&first=${first}`, { credentials: "same-origin" });
    if (!response.ok || response.redirected) throw new Error(`HTTP ${response.status}`);
    return response.json();
  }

  function count() {
    const places = digits(found.length) + (next ? "+" : "");
    counter.textContent = !query ? "" : found.length ? `${digits(hit + 1)} of ${places}` : "No match";
    for (const step of steps) step.disabled = !found.length;
  }

  async function search() {
    const mine = ++serial;
    query = field.value;
    found = [];
    next = null;
    hit = -1;
    for (const item of windows) { // without the old marks
      if (item.loaded) unload(item);
      item.loading = null;
    }
    settle();
    if (!query) return count();
    counter.textContent = "…";
    const from = topLine();
    let first = 1;
    do { // up to the first match that can be shown from here on
      const answer = await ask(first);
      if (mine !== serial) return;
      found.push(...answer.lines);
      next = first = answer.next;
    } while (next && (!found.length || found.at(-1) < from) && found.length < 20000);
    hit = found.findIndex((line) => line >= from);
    if (hit < 0 && found.length) hit = 0;
    count();
    if (hit >= 0) await goTo(found[hit]);
  }

  async function step(by) {
    if (!found.length) return;
    if (by > 0 && hit === found.length - 1 && next) {
      const mine = serial, answer = await ask(next);
      if (mine !== serial) return;
      found.push(...answer.lines);
      next = answer.next;
    }
    hit = (hit + by + found.length) % found.length;
    count();
    await goTo(found[hit]);
  }

  field.addEventListener("input", () => {
    clearTimeout(search.timer);
    search.timer = setTimeout(() => search().catch(failed), 250);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(search.timer);
    (field.value === query && found.length ? step(1) : search()).catch(failed);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      step(-1).catch(failed);
    } else if (event.key === "Escape" && field.value) {
      event.preventDefault();
      field.value = "";
      search().catch(failed);
    }
  });
  for (const link of steps) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      step(Number(link.dataset.logStep)).catch(failed);
    });
  }
  function failed() {
    counter.textContent = "Search failed";
  }

  // Wrapping

  const wrap = document.querySelector("[data-log-wrap]");
  const narrow = matchMedia("(max-width: 699px)");
  function setWrap(on) {
    log.dataset.wrap = on ? "on" : "off";
    wrap.setAttribute("aria-pressed", String(on));
  }
  let remembered = null;
  try { remembered = localStorage.getItem("artifact-wrap"); } catch { /* no storage: not remembered */ }
  setWrap(remembered ? remembered === "on" : narrow.matches);
  wrap.addEventListener("click", () => {
    const line = topLine();
    setWrap(log.dataset.wrap !== "on");
    try { localStorage.setItem("artifact-wrap", log.dataset.wrap); } catch { /* as above */ }
    const element = lineElement(line);
    if (element) log.scrollTop = element.offsetTop;
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "n") step(1).catch(failed);
    else if (event.key === "N" || event.key === "p") step(-1).catch(failed);
    else if (event.key === "g") goto.elements.line.focus();
    else return;
    event.preventDefault();
  });

  const shown = Number(log.querySelector(".log-current")?.id.slice(1) ?? 0);
  if (query) search().catch(failed);
  else if (!fromAddress() && shown) goTo(shown);
  settle();
})();
