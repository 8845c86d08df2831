// Keyboard shortcuts, and the dialog that lists them. Single-key shortcuts can be
// switched off in the dialog, because they disturb speech control.
"use strict";

import { $, el } from "./dom.js";

const SETTING = "synlogger.keys";

function enabled() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true;
  }
}

const NAMES = { " ": "space", ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };
const HELD = "a[href], button, summary, [role=tab], svg"; // elements that handle these keys themselves
const TYPED = "input:not([type=checkbox]), select, textarea";

// keys binds shortcuts: {keys, text, act, always}. With always, a shortcut also works
// in input fields.
export function keys(table) {
  const all = [...table, { keys: ["?"], text: "show this help", act: help }];
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || document.querySelector("dialog[open]")) return;
    const entry = all.find((k) => k.keys.includes(e.key));
    if (!entry) return;
    if (e.target.closest(TYPED) && !entry.always) return;
    if (e.key === " " && e.target.closest(HELD)) {
      // A row of the list is a link, which the space key does not
      // activate.
      if (!e.target.closest("a[href]")) return;
    }
    if (e.key.startsWith("Arrow") && e.target.closest("svg, [role=tab], select")) return;
    if (e.key.length === 1 && !enabled()) return;
    if (entry.act(e) !== false) e.preventDefault();
  });
  const list = $("keys");
  list.replaceChildren(...all.flatMap((k) => [
    el("dt", {}, ...k.keys.flatMap((key, i) => [i ? " or " : "", el("kbd", {}, NAMES[key] ?? key)])),
    el("dd", {}, k.text),
  ]));
  const box = $("keys-on");
  box.checked = enabled();
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(SETTING, box.checked ? "on" : "off");
    } catch { /* a browser that keeps nothing: as long as the page is open */ }
  });
  $("help-open").addEventListener("click", help);
}

function help() {
  $("help").showModal();
}
