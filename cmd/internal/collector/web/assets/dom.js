// Shared by all modules of the page: elements, requests, and readable times and
// numbers.
"use strict";

export const $ = (id) => document.getElementById(id);

// el returns an element. Attributes that are null or false are left out; true is an
// attribute without a value. Children are elements or texts; texts are never parsed as
// HTML.
export function el(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    e.setAttribute(key, value === true ? "" : value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

// button returns a button with an action.
export function button(attributes, action, ...children) {
  const b = el("button", { type: "button", ...attributes }, ...children);
  b.addEventListener("click", action);
  return b;
}

// ask returns an answer of the REST API. Its error has the status, and the position in
// the query if the query is wrong.
export async function ask(path, init = {}) {
  const response = await fetch(path, { cache: "no-store", ...init });
  const text = await response.text();
  let answer;
  try {
    answer = parse(text);
  } catch {
    throw new Error(`unexpected answer of the server: ${response.status} ${response.statusText}`);
  }
  if (!response.ok) {
    throw Object.assign(new Error(answer.error || response.statusText),
      { status: response.status, position: answer.position });
  }
  return answer;
}

// parse parses JSON. Integers that JavaScript would round become texts.
export function parse(text) {
  return JSON.parse(text, (_, value, context) =>
    typeof value === "number" && !Number.isSafeInteger(value) &&
      /^-?\d+$/.test(context?.source ?? "") ? context.source : value);
}

// search returns URL parameters without those that are empty.
export function search(params) {
  const p = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== "" && value !== null && value !== undefined && value !== false) p.set(key, value);
  }
  return p;
}

// localTime returns a time in the form of ISO 8601, in the local time zone.
export function localTime(when) {
  const d = new Date(when);
  if (Number.isNaN(d.getTime())) return "";
  const here = new Date(d.getTime() - d.getTimezoneOffset() * 60000);
  return here.toISOString().replace("T", " ").replace("Z", "");
}

// shortTime is localTime without the date if the date is today.
export function shortTime(when) {
  const text = localTime(when);
  return text.slice(0, 10) === localTime(Date.now()).slice(0, 10) ? text.slice(11) : text.slice(5);
}

// ago returns how long ago a time was.
export function ago(when) {
  const seconds = Math.max(0, (Date.now() - new Date(when)) / 1000);
  return span(seconds) + " ago";
}

// span returns seconds in the largest unit that fits.
export function span(seconds) {
  const [size, unit] = [[86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]].find(([s]) => seconds >= s) ||
    [1, "second"];
  return count(Math.round(seconds / size), unit);
}

export const number = (n) => Number(n).toLocaleString("en", { maximumFractionDigits: 0 });

export const count = (n, word) => `${number(n)} ${word}${Number(n) === 1 ? "" : "s"}`;

export function bytes(n) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  for (; n >= 999.5 && at < units.length - 1; at++) n /= 1000;
  return n.toFixed(n < 10 && at > 0 ? 1 : 0) + " " + units[at];
}

// LEVELS are the syslog severities, by number.
const LEVELS = ["EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"];

export const levelName = (level) => level === null || level < 0 ? "none" : LEVELS[level] ?? String(level);
export const levelClass = (level) => level === null || level < 0 ? "lnone" : "l" + Math.min(level, 7);

export const badge = (level) => el("span", { class: "level " + levelClass(level) }, levelName(level));

// field returns a value of a record by its name in a search.
export function field(record, name) {
  const value = record[name] ?? record.fields?.[name];
  if (name === "streams") return (value ?? []).join(", ");
  if (name === "timestamp") return localTime(value);
  return value === undefined || value === null ? "" : String(value);
}

// marked returns a text as nodes, with marks where a pattern matches.
export function marked(text, pattern) {
  if (!pattern) return [text];
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    nodes.push(text.slice(at, match.index), el("mark", {}, match[0]));
    at = match.index + match[0].length;
  }
  return [...nodes, text.slice(at)];
}

// copy copies a text to the clipboard. The clipboard API exists only on localhost and
// with TLS.
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = el("textarea", { class: "for-readers", "aria-hidden": "true", tabindex: "-1" });
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser does not allow copying");
}

// mark records when something was last drawn, for measurements.
export function mark(name) {
  performance.clearMarks(name);
  performance.mark(name);
}

// menus closes open menus on a click elsewhere, and on Escape.
export function menus() {
  const open = () => [...document.querySelectorAll("details.menu[open]")];
  document.addEventListener("pointerdown",
    (e) => open().forEach((m) => m.contains(e.target) || m.removeAttribute("open")));
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    for (const m of open()) {
      m.removeAttribute("open");
      if (m.contains(document.activeElement)) m.querySelector("summary").focus();
      e.stopImmediatePropagation();
    }
  }, true);
}
