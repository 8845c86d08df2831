// Keeps the page up to date: every two seconds it is fetched again, and the parts
// marked data-fresh take the place of the old ones. A part stays as it is while a
// record in it is open, or text in it is selected. A search that takes the server
// long is repeated less often.
"use strict";
(() => {
  const every = 2000;
  const live = document.getElementById("live");
  const say = (text) => {
    if (live.textContent !== text) live.textContent = text;
    live.dataset.state = text;
  };
  const inUse = (part) => {
    const selection = document.getSelection();
    return part.querySelector("details[open]") !== null ||
      part.querySelector(":focus-visible") !== null ||
      (!selection.isCollapsed && part.contains(selection.anchorNode));
  };
  const parts = () => [...document.querySelectorAll("[data-fresh]")];
  const refresh = async () => {
    const response = await fetch(location.href, { cache: "no-store" });
    if (!response.ok) throw new Error(response.statusText);
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    document.getElementById("totals").replaceWith(next.getElementById("totals"));
    for (const part of parts()) {
      const fresh = next.getElementById(part.id);
      if (fresh && !inUse(part) && !part.isEqualNode(fresh)) part.replaceWith(fresh);
    }
    const board = document.getElementById("board");
    if (board) board.hidden = next.getElementById("board").hidden;
    state();
  };
  const state = () => say(parts().some(inUse) ? "paused" : "live");
  const loop = async () => {
    const began = performance.now();
    if (!document.hidden) {
      try {
        await refresh();
      } catch {
        say("stopped");
      }
    }
    setTimeout(loop, Math.max(every, 5 * (performance.now() - began)));
  };
  if ("live" in document.querySelector("main").dataset) {
    say("live");
    setTimeout(loop, every);
    document.addEventListener("toggle", state, true);
  }
})();
