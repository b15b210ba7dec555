"use strict";
// Sorting, filtering and details without leaving the page: the server does the work, the answer takes the place of the old one.

(() => {
  const section = document.querySelector(".artifact-har");
  if (!section) return;
  const form = section.querySelector(".har-filter");
  const status = document.querySelector(".artifact-status");
  let asked = null;

  async function get(url) {
    asked?.abort();
    asked = new AbortController();
    const response = await fetch(url, { signal: asked.signal, credentials: "same-origin" });
    if (!response.ok || response.redirected) throw new Error(`HTTP ${response.status}`);
    return response.text();
  }

  async function show(url, remember) {
    try {
      const next = new DOMParser().parseFromString(await get(url), "text/html").querySelector(".har-result");
      section.querySelector(".har-result").replaceWith(document.adoptNode(next));
      if (remember) history.replaceState(null, "", url);
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    }
  }

  function address() {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    return `${location.pathname}${query.size ? `?${query}` : ""}`;
  }

  let timer = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(() => show(address(), true), event.target.type === "search" ? 200 : 0);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(address(), true);
  });

  function remember(url) {
    for (const name of ["sort", "order", "status", "kind"]) {
      const value = url.searchParams.get(name) ?? "";
      let field = form.elements[name];
      if (!field) {
        field = Object.assign(document.createElement("input"), { type: "hidden", name });
        form.append(field);
      }
      field.value = value;
    }
  }

  async function open(number, row) {
    let detail = section.querySelector(".har-detail");
    try {
      const html = await get(`${section.dataset.url}/entry?number=${number}`);
      if (!detail) {
        detail = Object.assign(document.createElement("aside"), { className: "har-detail", id: "har-detail" });
        section.querySelector(".har-summary").after(detail);
      }
      detail.innerHTML = html;
      const close = Object.assign(document.createElement("button"), { type: "button", className: "artifact-btn har-close", textContent: "Close" });
      detail.append(close);
      detail.scrollTop = 0;
      close.addEventListener("click", () => {
        detail.remove();
        row.classList.remove("har-chosen");
        row.querySelector("a").focus();
      });
      section.querySelector(".har-chosen")?.classList.remove("har-chosen");
      row.classList.add("har-chosen");
      row.scrollIntoView({ block: "nearest" });
      status.textContent = "Details of the request are shown";
    } catch (error) {
      if (error.name !== "AbortError") location.assign(row.querySelector("a").href);
    }
  }

  section.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("[data-har-link]");
    const row = event.target.closest(".har-table tbody tr");
    if (link) {
      event.preventDefault();
      remember(new URL(link.href));
      show(link.href, true);
    } else if (row && !getSelection().toString()) {
      event.preventDefault();
      open(row.querySelector("[data-har-entry]").dataset.harEntry, row);
    }
  });

  section.addEventListener("keydown", (event) => {
    const row = event.target.closest(".har-table tbody tr");
    if (event.key === "Escape") section.querySelector(".har-close")?.click();
    if (!row || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    if (!next) return;
    event.preventDefault();
    next.querySelector("a").focus();
    if (section.querySelector(".har-detail")) open(next.querySelector("[data-har-entry]").dataset.harEntry, next);
  });
})();
