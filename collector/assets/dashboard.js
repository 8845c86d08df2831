// The dashboard: the tabs of the content pack with their widgets. Which tab and
// which time it shows stands in the address, so that a link shows the same. It
// asks the server again every few seconds and changes what has changed.
"use strict";

import { draw } from "./chart.js";

const EVERY = 5000;
const root = document.getElementById("dashboard");
const live = document.getElementById("live");
const el = (name, attributes = {}, ...children) => {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
};

const say = (text) => {
  if (live.textContent !== text) live.textContent = text;
  live.dataset.state = text;
};

// view is what the address says.
function view() {
  const p = new URLSearchParams(location.search);
  return { tab: p.get("tab") || "", last: p.get("last") || "300", since: p.get("since") || "", until: p.get("until") || "" };
}

function go(change) {
  const v = { ...view(), ...change };
  const p = new URLSearchParams();
  for (const [key, value] of Object.entries(v)) {
    if (value && !(key === "last" && (value === "300" || v.since))) p.set(key, value);
  }
  history.pushState(null, "", "?" + p);
  show();
}

let tabs = [];
let widgets = new Map(); // by title, of the tab that is shown
let shown = "";
let asked = 0; // the newest question; answers to older ones are dropped
let timer = 0;

async function ask(path) {
  const response = await fetch(path, { cache: "no-store" });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || response.statusText);
  return answer;
}

async function start() {
  const answer = await ask("api/dashboard");
  tabs = answer.tabs;
  const list = document.getElementById("tabs");
  list.replaceChildren(...tabs.map((t) => {
    const b = el("button", { type: "button", role: "tab", id: "tab-" + t.stream, "aria-controls": "dashboard" }, t.title);
    b.addEventListener("click", () => go({ tab: t.stream }));
    return b;
  }));
  list.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const at = tabs.findIndex((t) => t.stream === shown);
    go({ tab: tabs[(at + step + tabs.length) % tabs.length].stream });
    document.getElementById("tab-" + shown).focus();
  });
  const range = document.getElementById("range");
  const own = document.getElementById("own");
  range.addEventListener("change", () => {
    if (range.value === "own") {
      const now = localTime(new Date()).replace(" ", "T").slice(0, 19);
      own.hidden = false;
      own.elements.to.value ||= now;
      own.elements.from.value ||= now.slice(0, 11) + "00:00:00";
      own.elements.from.focus();
    } else {
      go({ last: range.value, since: "", until: "" });
    }
  });
  own.addEventListener("submit", (e) => {
    e.preventDefault();
    const iso = (text) => new Date(text).toISOString();
    go({ last: "", since: iso(own.elements.from.value), until: iso(own.elements.to.value) });
  });
  addEventListener("popstate", show);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  show();
}

// show draws the frame of the tab that the address names, and asks for its data.
function show() {
  const v = view();
  const tab = tabs.find((t) => t.stream === v.tab) || tabs[0];
  for (const t of tabs) {
    const b = document.getElementById("tab-" + t.stream);
    b.setAttribute("aria-selected", String(t === tab));
    b.tabIndex = t === tab ? 0 : -1;
  }
  const range = document.getElementById("range");
  range.value = v.since ? "own" : v.last;
  document.getElementById("own").hidden = range.value !== "own";
  root.setAttribute("aria-labelledby", "tab-" + tab.stream);
  document.title = tab.title + " · Synergos";
  if (tab.stream !== shown) {
    shown = tab.stream;
    widgets = new Map(tab.widgets.map((w) => [w.title, frame(w)]));
    root.replaceChildren(...[...widgets.values()].map((w) => w.card));
  }
  refresh();
}

// frame makes the card of a widget, still empty.
function frame(w) {
  const body = el("div", { class: "widget-body" });
  const id = "widget-" + w.title.replace(/\W+/g, "-");
  const card = el("section", { class: "card widget", "aria-labelledby": id }, el("h2", { id }, w.title), body);
  card.style.gridColumn = `${w.col} / span ${w.width}`;
  card.style.gridRow = `${w.row} / span ${w.height}`;
  card.style.setProperty("--rows", w.height);
  return { card, body, widget: w };
}

async function refresh() {
  clearTimeout(timer);
  const v = view(), mine = ++asked;
  const p = new URLSearchParams({ tab: shown });
  if (v.since) p.set("from", v.since), p.set("to", v.until);
  else p.set("range", v.last);
  const began = performance.now();
  try {
    const answer = await ask("api/dashboard/data?" + p);
    if (mine !== asked) return;
    for (const data of answer.widgets) {
      const w = widgets.get(data.title);
      if (w) fill(w, data, answer);
    }
    say(v.since ? "still" : "live");
  } catch (error) {
    if (mine !== asked) return;
    say("stopped");
    live.title = error.message;
  }
  if (!v.since && !document.hidden) timer = setTimeout(refresh, Math.max(EVERY, 4 * (performance.now() - began)));
}

function fill({ body, widget }, data, answer) {
  if (widget.kind === "messages") {
    table(body, widget, data.records || []);
    return;
  }
  const chart = widget.kind === "pie" ? pieOf(data.table) : planeOf(widget, data.table, answer);
  if ((chart.slices ?? chart.series).length === 0) {
    body.replaceChildren(el("p", { class: "none" }, "No record of this time has it."));
  } else {
    draw(body, chart);
  }
}

const name = (value) => value === null || value === "" ? "(none)" : String(value);

function pieOf(t) {
  return { kind: "pie", slices: t.rows.map((row, i) => ({ name: name(row), value: t.cells[i][0][0] ?? 0 })) };
}

// planeOf makes a series of each column and number of a table over time. One
// that has no value at all is left out.
function planeOf(widget, t, answer) {
  const series = [];
  t.columns.forEach((column, c) => t.series.forEach((number, s) => {
    const parts = widget.columns ? [name(column)] : [];
    if (parts.length === 0 || t.series.length > 1) parts.push(number);
    const values = t.cells.map((row) => row[c]?.[s] ?? null);
    if (values.some((v) => v !== null)) series.push({ name: parts.join(" "), values });
  }));
  const interval = t.interval_ms || 1000;
  const last = (t.rows.at(-1) ?? 0) + interval;
  const from = Date.parse(answer.from), to = Date.parse(answer.to);
  return {
    kind: widget.kind, stacked: widget.bar_mode === "stack", times: t.rows, interval, series,
    from: from > 0 ? from : t.rows[0] ?? 0, to: Math.max(to, last),
  };
}

// table shows the newest records. While the mouse or the keyboard is in it, it
// stays as it is.
function table(body, widget, records) {
  if (body.matches(":hover, :focus-within") && body.querySelector("tbody")) return;
  if (records.length === 0) {
    body.replaceChildren(el("p", { class: "none" }, "No record of this time."));
    return;
  }
  const scroll = body.firstChild ? body.firstChild.scrollTop : 0;
  const rows = records.flatMap((r) => [
    el("tr", {}, ...widget.fields.map((f) => el("td", {}, el("bdi", {}, text(r, f))))),
    el("tr", { class: "message-row" }, cell(r, widget.fields.length)),
  ]);
  const t = el("table", { class: "messages" },
    el("thead", {}, el("tr", {}, ...widget.fields.map((f) => el("th", { scope: "col" }, f)))), el("tbody", {}, ...rows));
  body.replaceChildren(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": widget.title }, t));
  body.firstChild.scrollTop = scroll;
}

function cell(r, span) {
  const link = el("a", { href: `./?after=${r.id - 1}&before=${r.id + 1}` }, el("bdi", {}, r.message));
  return el("td", { colspan: String(span) }, link);
}

function text(r, field) {
  const v = r[field] ?? (r.fields || {})[field];
  if (field === "timestamp") return localTime(new Date(v));
  return v === undefined || v === null ? "" : String(v);
}

// localTime writes a time as ISO 8601 does, but in the zone of the reader.
function localTime(d) {
  const here = new Date(d.getTime() - d.getTimezoneOffset() * 60000);
  return here.toISOString().replace("T", " ").replace("Z", "");
}

start().catch((error) => {
  say("stopped");
  root.replaceChildren(el("p", { class: "alarm", role: "alert" }, "The dashboard cannot be read: " + error.message));
});
