// The frame of all views: the totals at the top, the alarm if the store cannot be
// written or is damaged, and the first run, which ends with the first record.
"use strict";

import { $, ask, button, bytes, copy, el, menus, number } from "./dom.js";

const EVERY = 2000;
const readers = new Set();
let newest = null;

// say shows the state of the view: live, paused, still or stopped.
export function say(state, why = "") {
  const live = $("live");
  if (live.textContent !== state) live.textContent = state;
  live.dataset.state = state;
  live.title = why;
}

// onStats calls a function with the collector's counters every two seconds.
export function onStats(reader) {
  readers.add(reader);
  if (newest) reader(newest);
}

// empty reports whether nothing has arrived yet.
export const empty = () => newest ? newest.records === 0 && newest.received === 0 : !$("first").hidden;

function totals(stats) {
  const refused = Object.values(stats.refused ?? {}).reduce((sum, n) => sum + n, 0);
  const show = (id, text, bad = false) => {
    const e = $(id);
    if (e.textContent !== text) e.textContent = text;
    e.classList.toggle("bad", bad);
  };
  show("total-records", number(stats.records));
  show("total-rate", number(stats.rate));
  show("total-refused", number(refused), refused > 0);
  show("total-bytes", bytes(stats.store_bytes));
  const alarm = $("alarm");
  const text = [
    stats.store_error && `The store cannot be written. Senders are slowed down until it can. ${stats.store_error}`,
    stats.damage && `The store is damaged: not all records can be shown. ${stats.damage}`,
  ].filter(Boolean).join(" ");
  alarm.hidden = !text;
  if (alarm.textContent !== text) alarm.textContent = text;
}

async function look() {
  const began = performance.now();
  if (!document.hidden) {
    try {
      newest = await ask("api/stats");
      totals(newest);
      $("first").hidden = !empty();
      document.body.classList.toggle("is-empty", empty());
      if (empty()) say("live", "The inputs are listening.");
      for (const reader of readers) reader(newest);
    } catch (error) {
      say("stopped", error.message);
    }
  }
  setTimeout(look, Math.max(EVERY, 5 * (performance.now() - began)));
}

// copyable adds a copy button to each block of code.
function copyable() {
  for (const pre of document.querySelectorAll("pre.paste")) {
    const b = button({ class: "quiet copy" }, async () => {
      await copy(pre.textContent);
      b.textContent = "Copied";
      setTimeout(() => { b.textContent = "Copy"; }, 2000);
    }, "Copy");
    pre.replaceWith(el("div", { class: "paste-box" }, pre.cloneNode(true), b));
  }
}

export function start() {
  menus();
  copyable();
  look();
}
