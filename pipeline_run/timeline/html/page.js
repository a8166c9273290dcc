"use strict";
// Without this script, each bar is a link to its entry in the list. With it, Tab reaches one bar,
// the arrow keys move to the others, and the panel shows the selected one. Times get the viewer's
// local time, and commands get a button that copies them.
(() => {
  // "2026-01-05 09:00 UTC (10:00 local)". The text may be from others, so it may not be a time.
  function withLocal(utc) {
    const date = new Date(utc.replace(" UTC", "Z").replace(" ", "T"));
    const offset = date.getTimezoneOffset();
    if (!offset) return utc;
    const local = new Date(date - offset * 60000).toISOString();
    const [day, clock] = [local.slice(0, 10), local.slice(11, utc.length - 4)];
    return utc.startsWith(day) ? `${utc} (${clock} local)` : `${utc} (${day} ${clock} local)`;
  }

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest("pre, script")) continue;
    const local = text.nodeValue.replace(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC/g, withLocal);
    if (local !== text.nodeValue) text.nodeValue = local;
  }

  // Without access to the clipboard, the command is selected, so that the keyboard can copy it.
  async function copy(command, button) {
    getSelection().selectAllChildren(command);
    try {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  }

  for (const command of document.querySelectorAll(".command")) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "copy", textContent: "Copy" });
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", () => copy(command, button));
    const both = document.createElement("div");
    both.className = "copying";
    command.replaceWith(both);
    both.append(command, button);
  }

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
  choose(document.querySelector(".chosen"));
})();
