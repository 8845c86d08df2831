// The dashboard: the tabs of the content pack with their widgets. The address has the
// tab and the range of time, so a link shows the same. The dashboard is updated every
// few seconds.
"use strict";

import { draw } from "./chart.js";
import { keys } from "./keys.js";
import { empty, onStats, say, start } from "./shell.js";
import { timePicker } from "./times.js";
import { $, ask, el, field, mark, search } from "./dom.js";

const EVERY = 5000;
const root = $("dashboard");
let range = "300"; // seconds; the default of the dashboard

// view returns the view that the address describes.
function view() {
  const p = new URLSearchParams(location.search);
  const [tab, from, to] = ["tab", "from", "to"].map((name) => p.get(name) ?? "");
  return { tab, range: from || to ? "" : p.get("range") ?? range, from, to };
}

function go(change) {
  const v = { ...view(), ...change };
  history.pushState(null, "", "?" + search({ ...v, range: v.range === range ? "" : v.range }));
  show();
}

let tabs = [];
let widgets = new Map(); // by title, of the tab that is shown
let shown = "";
let asked = 0; // number of the latest request; answers to earlier ones are dropped
let timer = 0;

async function begin() {
  const answer = await ask("api/dashboard");
  tabs = answer.tabs;
  range = String(answer.range_seconds);
  const list = $("tabs");
  list.replaceChildren(...tabs.map((t) => {
    const b = el("button", { type: "button", role: "tab", id: "tab-" + t.stream, "aria-controls": "dashboard" },
      t.title);
    b.addEventListener("click", () => go({ tab: t.stream }));
    return b;
  }));
  list.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const at = tabs.findIndex((t) => t.stream === shown);
    go({ tab: tabs[(at + step + tabs.length) % tabs.length].stream });
    $("tab-" + shown).focus();
  });
  addEventListener("popstate", show);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  show();
}

// show draws the frame of the tab in the address, and loads its data. Without a tab,
// it shows the first one that has records.
function show() {
  const v = view();
  const tab = tabs.find((t) => t.stream === v.tab) ?? tabs.find((t) => t.stream === $("tabs").dataset.first) ?? tabs[0];
  for (const t of tabs) {
    const b = $("tab-" + t.stream);
    b.setAttribute("aria-selected", String(t === tab));
    b.tabIndex = t === tab ? 0 : -1;
  }
  showTimes(v);
  root.setAttribute("aria-labelledby", "tab-" + tab.stream);
  document.title = tab.title + " · Synergos Logs";
  if (tab.stream !== shown) {
    shown = tab.stream;
    widgets = new Map(tab.widgets.map((w) => [w.title, frame(w)]));
    root.replaceChildren(...[...widgets.values()].map((w) => w.card));
  }
  for (const { link, widget } of widgets.values()) link.href = records(widget);
  refresh();
}

// frame returns the empty card of a widget.
function frame(w) {
  const body = el("div", { class: "widget-body" });
  const id = "widget-" + w.title.replace(/\W+/g, "-");
  const link = el("a", { class: "drill", "aria-label": "Search the records of " + w.title,
    title: "Search these records" });
  const card = el("section", { class: "card widget", "aria-labelledby": id }, el("h2", { id }, w.title), link, body);
  card.style.gridColumn = `${w.col} / span ${w.width}`;
  card.style.gridRow = `${w.row} / span ${w.height}`;
  card.style.setProperty("--rows", w.height);
  return { card, body, link, widget: w };
}

// records returns the address of a search for the records of a widget.
function records(w) {
  const { range: last, from, to } = view();
  return "search?" + search({ q: w.query, stream: shown, range: last, from, to });
}

async function refresh() {
  clearTimeout(timer);
  const v = view(), mine = ++asked;
  const began = performance.now();
  try {
    const answer = await ask("api/dashboard/data?" + search({ ...v, tab: shown }));
    if (mine !== asked) return;
    for (const data of answer.widgets) {
      const w = widgets.get(data.title);
      if (w) fill(w, data, answer);
    }
    say(v.range ? "live" : "still");
    mark("drawn");
  } catch (error) {
    if (mine !== asked) return;
    say("stopped", error.message);
  }
  if (v.range && !document.hidden) timer = setTimeout(refresh, Math.max(EVERY, 4 * (performance.now() - began)));
}

function fill({ body, widget }, data, answer) {
  if (widget.kind === "messages") {
    table(body, widget, data.records || []);
    return;
  }
  const chart = widget.kind === "pie" ? pieOf(data.table) : planeOf(widget, data.table, answer);
  if ((chart.slices ?? chart.series).length === 0) {
    body.replaceChildren(el("p", { class: "none" }, "No records in this range of time."));
  } else {
    draw(body, chart);
  }
}

const name = (value) => value === null || value === "" ? "(none)" : String(value);

function pieOf(t) {
  return { kind: "pie", slices: t.rows.map((row, i) => ({ name: name(row), value: t.cells[i][0][0] ?? 0 })) };
}

// planeOf turns each column and number of a table over time into a series. It leaves
// out series without values.
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

// table shows the newest records. It does not change while the mouse or the focus is
// in it.
function table(body, widget, records) {
  if (body.matches(":hover, :focus-within") && body.querySelector("tbody")) return;
  if (records.length === 0) {
    body.replaceChildren(el("p", { class: "none" }, "No records in this range of time."));
    return;
  }
  const scroll = body.firstChild ? body.firstChild.scrollTop : 0;
  const rows = records.flatMap((r) => [
    el("tr", {}, ...widget.fields.map((f) => el("td", {}, el("bdi", {}, field(r, f))))),
    el("tr", { class: "message-row" }, cell(r, widget.fields.length)),
  ]);
  const t = el("table", { class: "messages" },
    el("thead", {}, el("tr", {}, ...widget.fields.map((f) => el("th", { scope: "col" }, f)))),
      el("tbody", {}, ...rows));
  body.replaceChildren(el("div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Records of " + widget.title }, t));
  body.firstChild.scrollTop = scroll;
}

function cell(r, span) {
  const link = el("a", { href: "search?" + search({ stream: shown, record: r.id }) }, el("bdi", {}, r.message));
  return el("td", { colspan: String(span) }, link);
}

const showTimes = timePicker(go);

keys([{ keys: ["/"], text: "search the records", act: () => { location.href = "search"; } }]);
start();
// When the first record arrives, the search page shows it.
const first = empty();
onStats(() => {
  if (first && !empty()) location.replace("search");
});
if (!first) {
  begin().catch((error) => {
    say("stopped", error.message);
    root.replaceChildren(el("p", { class: "alarm", role: "alert" },
      "The dashboard cannot be loaded: " + error.message));
  });
}
