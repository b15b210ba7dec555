"use strict";
// What every artifact's page shares: copying, folding, and the keys j, k and d.

(() => {
  const page = document.querySelector(".artifact");
  if (!page) return;
  const status = page.querySelector(".artifact-status");

  for (const item of page.querySelectorAll("[data-artifact-script], [data-artifact-copy]")) item.hidden = false;
  for (const item of page.querySelectorAll("[data-artifact-noscript]")) item.hidden = true;

  for (const button of page.querySelectorAll("[data-artifact-copy]")) {
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.artifactCopy);
      const label = button.textContent;
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(source); // no clipboard without HTTPS: the reader copies by hand
        button.textContent = "Selected";
      }
      status.textContent = button.textContent;
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  }

  for (const button of page.querySelectorAll("[data-artifact-fold]")) {
    button.addEventListener("click", () => {
      const open = button.dataset.artifactFold === "open";
      const all = page.querySelectorAll(".artifact-tree details");
      for (const item of all) item.open = open;
      if (!open && all.length) all[0].open = true;
    });
  }

  const keys = new Map([...page.querySelectorAll("[data-artifact-key]")].map((link) => [link.dataset.artifactKey, link]));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, video, [contenteditable]")) return;
    if (keys.has(event.key)) {
      event.preventDefault();
      keys.get(event.key).click();
    } else if (event.key === "s") {
      const field = page.querySelector(".artifact-tools input[type=search]");
      if (field) {
        event.preventDefault();
        field.select();
        field.focus();
      }
    }
  });
})();
