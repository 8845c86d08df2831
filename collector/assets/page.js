// Keeps the page up to date: every two seconds it is fetched again and its
// numbers and records take the place of the old ones. Records stay as they are
// while one of them is open, or text is selected. A search that takes the server
// long is repeated less often.
"use strict";
(() => {
  const every = 2000;
  const live = document.getElementById("live");
  const say = (text) => {
    if (live.textContent !== text) live.textContent = text;
    live.dataset.state = text;
  };
  const main = () => document.getElementById("main");
  const inUse = () => {
    const m = main();
    const selection = document.getSelection();
    return m.querySelector("details[open]") !== null ||
      m.querySelector(":focus-visible") !== null ||
      (!selection.isCollapsed && m.contains(selection.anchorNode));
  };
  const refresh = async () => {
    const response = await fetch(location.href, { cache: "no-store" });
    if (!response.ok) throw new Error(response.statusText);
    const next = new DOMParser().parseFromString(await response.text(), "text/html");
    document.getElementById("totals").replaceWith(next.getElementById("totals"));
    if (inUse()) {
      say("paused");
      return;
    }
    main().replaceWith(next.getElementById("main"));
    say("live");
  };
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
  if ("live" in main().dataset) {
    say("live");
    setTimeout(loop, every);
    document.addEventListener("toggle", () => say(inUse() ? "paused" : "live"), true);
  }
})();
