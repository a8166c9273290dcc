"use strict";
// Without this script, each bar is a link to its entry in the list. With it, Tab reaches one bar,
// the arrow keys move to the others, and the panel shows the selected one.
(() => {
  const lanes = [...document.querySelectorAll(".lane")].map((lane) => [...lane.querySelectorAll(".bar")]);
  const bars = lanes.flat();
  const panel = document.getElementById("panel");
  if (bars.length === 0) return;
  let chosen = null;

  const entry = (bar) => document.getElementById(bar.hash.slice(1));

  function choose(bar) {
    if (bar === chosen) return;
    for (const each of bars) {
      each.tabIndex = each === bar ? 0 : -1;
      each.classList.toggle("chosen", each === bar);
    }
    chosen = bar;
    panel.replaceChildren(...[...entry(bar).children].map((child) => child.cloneNode(true)));
  }

  // The bar in the lane above or below whose left edge is nearest.
  function beside(bar, step) {
    const from = lanes.findIndex((lane) => lane.includes(bar));
    const lane = lanes[from + step];
    if (!lane) return null;
    const distance = (other) => Math.abs(other.offsetLeft - bar.offsetLeft);
    return lane.reduce((best, other) => (distance(other) < distance(best) ? other : best));
  }

  const moves = {
    ArrowRight: (bar) => bars[bars.indexOf(bar) + 1],
    ArrowLeft: (bar) => bars[bars.indexOf(bar) - 1],
    ArrowDown: (bar) => beside(bar, 1),
    ArrowUp: (bar) => beside(bar, -1),
    Home: () => bars[0],
    End: () => bars[bars.length - 1],
  };

  document.getElementById("chart").addEventListener("keydown", (event) => {
    const bar = event.target.closest(".bar");
    if (!bar || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = moves[event.key];
    if (next) {
      event.preventDefault();
      next(bar)?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(bar);
      (panel.querySelector("a") ?? panel).focus();
    }
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") chosen.focus();
  });
  for (const bar of bars) {
    bar.addEventListener("focus", () => choose(bar));
    bar.addEventListener("click", (event) => {
      event.preventDefault();
      bar.focus();
      choose(bar);
    });
  }
  // Initially select the last failure, or what is in progress.
  const last = (selector) => [...document.querySelectorAll(selector)].at(-1);
  choose(last(".action .bar.bad") ?? last(".bar.bad") ?? last(".action .bar.going") ?? bars[0]);
})();
