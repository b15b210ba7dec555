"use strict";
// Zoom and pan. The stage scrolls natively, so arrows, scroll bars and screen readers work as everywhere; zooming sets the
// picture's width and keeps the point below the pointer where it is.

(() => {
  const stage = document.querySelector(".artifact-stage");
  if (!stage) return;
  const image = stage.querySelector("img");
  const output = document.querySelector(".artifact-zoom");
  const buttons = [...document.querySelectorAll("[data-zoom]")];
  const SMALLEST = 0.02, LARGEST = 32;
  let mode = "fit"; // fit, width, or free
  let scale = 1;

  const fit = () => Math.min(1, stage.clientWidth / image.naturalWidth, stage.clientHeight / image.naturalHeight);
  const fitWidth = () => Math.min(1, stage.clientWidth / image.naturalWidth);

  function show() {
    image.style.width = `${image.naturalWidth * scale}px`;
    image.style.height = `${image.naturalHeight * scale}px`;
    stage.classList.toggle("is-near", scale >= 3);
    stage.classList.toggle("is-whole", scale <= fit() + 0.001); // one finger scrolls the page then
    output.textContent = `${scale < 0.1 ? (scale * 100).toFixed(1) : Math.round(scale * 100)} %`;
    const full = mode === "free" && scale === 1;
    for (const button of buttons) {
      if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", String(button.dataset.zoom === mode || (full && button.dataset.zoom === "full")));
    }
  }

  function refit() {
    if (mode === "fit") scale = fit();
    if (mode === "width") scale = fitWidth();
    show();
  }

  // Keeps the point of the picture at (x, y) of the window where it is.
  function zoomTo(wanted, x, y) {
    const frame = stage.getBoundingClientRect();
    const before = image.getBoundingClientRect();
    x ??= frame.left + frame.width / 2;
    y ??= frame.top + frame.height / 2;
    const across = (x - before.left) / before.width, down = (y - before.top) / before.height;
    mode = "free";
    scale = Math.min(LARGEST, Math.max(SMALLEST, wanted));
    if (Math.abs(scale - 1) < 0.01) scale = 1;
    show();
    const after = image.getBoundingClientRect();
    stage.scrollLeft += after.left + across * after.width - x;
    stage.scrollTop += after.top + down * after.height - y;
  }

  function setMode(wanted) {
    if (wanted === "in") return zoomTo(scale * 1.25);
    if (wanted === "out") return zoomTo(scale / 1.25);
    if (wanted === "full") return zoomTo(1);
    mode = wanted;
    refit();
    stage.scrollTo(0, 0);
  }

  const toggle = (x, y) => (mode === "free" ? setMode("fit") : zoomTo(fit() < 1 ? 1 : 2, x, y));

  for (const button of buttons) button.addEventListener("click", () => setMode(button.dataset.zoom));

  stage.addEventListener("wheel", (event) => {
    if (event.shiftKey) return; // scrolls
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    zoomTo(scale * Math.exp(-Math.max(-120, Math.min(120, event.deltaY * lines)) * (event.ctrlKey ? 0.01 : 0.002)), event.clientX, event.clientY);
  }, { passive: false });

  // One finger or the mouse moves, two fingers pinch.
  const pointers = new Map();
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const box = stage.getBoundingClientRect();
    if (event.clientX > box.left + stage.clientWidth || event.clientY > box.top + stage.clientHeight) return; // a scroll bar
    pointers.set(event.pointerId, event);
    stage.setPointerCapture(event.pointerId);
    stage.classList.add("is-moving");
  });
  stage.addEventListener("pointermove", (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    if (pointers.size === 1) {
      stage.scrollLeft -= event.clientX - last.clientX;
      stage.scrollTop -= event.clientY - last.clientY;
    } else {
      const other = [...pointers.values()].find((one) => one.pointerId !== event.pointerId);
      const distance = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      zoomTo(scale * distance(event) / distance(last), (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
    }
    pointers.set(event.pointerId, event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, (event) => {
      pointers.delete(event.pointerId);
      stage.classList.toggle("is-moving", pointers.size > 0);
    });
  }
  stage.addEventListener("dblclick", (event) => toggle(event.clientX, event.clientY));

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const actions = { "+": "in", "=": "in", "-": "out", "0": "fit", "1": "full", w: "width" };
    const steps = { ArrowLeft: [-80, 0], ArrowRight: [80, 0], ArrowUp: [0, -80], ArrowDown: [0, 80] };
    if (event.key in actions) setMode(actions[event.key]);
    else if (event.key === "z") toggle();
    else if (event.key in steps) stage.scrollBy(...steps[event.key]);
    else return;
    event.preventDefault();
  });

  function start() {
    if (!image.naturalWidth) return broken();
    stage.classList.add("is-live");
    // a page photographed whole would be a thread; its width is what one reads it by
    if (image.naturalHeight * fit() > 2.5 * image.naturalWidth * fit() && fitWidth() > 2 * fit()) mode = "width";
    refit();
    new ResizeObserver(() => { if (mode !== "free") refit(); }).observe(stage);
  }
  function broken() {
    image.hidden = true;
    stage.querySelector(".artifact-broken").hidden = false;
  }
  image.addEventListener("error", broken);
  if (image.complete) start();
  else image.addEventListener("load", start, { once: true });
})();
