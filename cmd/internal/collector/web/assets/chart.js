// Charts as SVG: lines, bars side by side or on top of each other, and pies.
//
//   draw(element, chart)
//
// draws into an element what chart holds, and draws it anew when it is called
// again, without a flicker: series that the legend has switched off stay so, and
// tooltip, focus and a drag stay where they are. A chart is
//
//   {kind: "line" | "bar", stacked: bool, times: [ms…], interval: ms, from: ms, to: ms,
//    series: [{name, kind, values: [number | null…]}…],
//    compact: bool, pick: (from, to) => …}
//   {kind: "pie", slices: [{name, value}…]}
//
// Colors are those of the style sheet: the n-th series has the class c<n>, unless
// it has a kind, which is its class then: l0 to l7 are the levels of syslog, and
// lnone is none. A compact chart is for a plot about 90 px high. With pick a user
// can choose a span of time: it is called with the milliseconds where it begins
// and ends.
//
// All texts are set as text, whatever is in them. A chart can be read with the
// arrow keys, and a screen reader gets its numbers as a table. Of very many
// series only the first are shown by name.
"use strict";

import { arrange, make } from "./chart-svg.js";
import { exact, moment } from "./chart-axis.js";
import { grouped, readable } from "./chart-data.js";
import { plane } from "./chart-plane.js";
import { pie } from "./chart-pie.js";
import { listen, restore } from "./chart-input.js";

export { exact, format, ticks, timeTicks } from "./chart-axis.js";

// states has the elements of a chart and what a user has done to it.
const states = new WeakMap();

export function draw(element, chart) {
  let state = states.get(element);
  if (!state) states.set(element, state = begin());
  state.chart = readable(chart);
  if (state.plot.parentNode !== element) element.replaceChildren(state.plot, state.legend, state.table.parentNode);
  paint(state);
}

function begin() {
  const state = {
    plot: make(":div", { class: "plot" }),
    svg: make("svg", { tabindex: "0" }),
    tip: make(":div", { class: "tip", role: "status" }),
    legend: make(":div", { class: "legend", role: "group", "aria-label": "Series" }),
    table: make(":table"),
    keys: new Map(), // the buttons of the legend
    off: new Set(), // names that it has switched off
    size: "",
  };
  state.tip.hidden = true;
  state.plot.append(state.svg, state.tip);
  make(":div", { class: "for-readers" }, state.table); // a table alone would not be cut off
  listen(state);
  new ResizeObserver(() => {
    if (state.plot.isConnected && state.size !== measure(state.plot).join()) paint(state);
  }).observe(state.plot);
  return state;
}

// measure returns the width and height of a plot, and how much larger than 16 px
// the root font is.
function measure(plot) {
  const unit = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
  return [Math.max(plot.clientWidth, 120), Math.max(plot.clientHeight, 60), unit];
}

function paint(state) {
  const { chart, plot, svg, legend } = state;
  const all = chart.kind === "pie" ? chart.slices : chart.series;
  plot.classList.toggle("picks", Boolean(chart.pick));
  legend.classList.toggle("compact", Boolean(chart.compact));
  arrange(legend, keys(all, state));
  const on = all.filter((s) => !state.off.has(s.name));
  const shown = chart.kind === "pie" ? { ...chart, slices: on } : { ...chart, series: on };
  fill(state.table, rows(shown));

  // The legend has taken its room; the plot has the rest.
  const [width, height, unit] = measure(plot);
  state.size = [width, height, unit].join();
  const attributes = {
    viewBox: `0 0 ${width} ${height}`, width, height, "aria-label": label(chart, all),
    // A screen reader leaves the arrow keys to an application.
    role: chart.pick ? "application" : "img", "aria-roledescription": "chart",
  };
  for (const [key, value] of Object.entries(attributes)) {
    if (svg.getAttribute(key) !== String(value)) svg.setAttribute(key, value);
  }
  state.box = { width, height, unit };
  state.show = chart.kind === "pie" ? pie(svg, shown, state.box) : plane(svg, shown, state.box);
  restore(state);
}

function label(chart, all) {
  const kinds = { line: "Line chart", bar: "Bar chart", pie: "Pie chart" };
  const names = all.filter((s) => s.kind !== "rest").map((s) => s.name);
  const first = names.slice(0, 10).join(", ");
  const more = chart.more + names.length - 10;
  return `${kinds[chart.kind]} of ${first || "nothing yet"}${more > 0 ? ` and ${grouped(more)} more` : ""}. The arrow keys go through its values.` +
    (chart.pick ? " With Shift they select a span of time. Enter picks it, Escape does not." : "");
}

// keys returns the elements of the legend. A series keeps its own.
function keys(all, state) {
  const before = state.keys;
  state.keys = new Map();
  const elements = all.filter((s) => s.kind !== "rest").map((s) => {
    let id = s.name;
    while (state.keys.has(id)) id += " "; // two series may have the same name
    const button = before.get(id) ?? key(s.name, state);
    button.className = "key " + s.kind;
    button.setAttribute("aria-pressed", String(!state.off.has(s.name)));
    state.keys.set(id, button);
    return button;
  });
  if (state.chart.more) elements.push(make(":span", { class: "key rest" }, `and ${grouped(state.chart.more)} more`));
  return elements;
}

function key(name, state) {
  const button = make(":button", { type: "button", title: name }, make(":span", { class: "swatch" }), make(":bdi", {}, name));
  button.addEventListener("click", () => {
    if (!state.off.delete(name)) state.off.add(name);
    paint(state);
  });
  return button;
}

// rows gives the numbers to those who do not see the chart.
function rows(chart) {
  if (chart.kind === "pie") return [["name", "value"], ...chart.slices.map((s) => [s.name, exact(s.value)])];
  const first = Math.max(chart.times.length - 20, 0);
  return [["time", ...chart.series.map((s) => s.name)],
    ...chart.times.slice(first).map((time, i) => [moment(time), ...chart.series.map((s) => exact(s.values[first + i]))])];
}

// fill writes a table. It changes only what is new, so that a screen reader
// stays where it is.
function fill(table, rows) {
  if (!table.tHead) table.append(make(":thead"), make(":tbody"));
  rows.forEach((texts, r) => {
    const part = r ? table.tBodies[0] : table.tHead, at = r ? r - 1 : 0;
    const row = part.rows[at] ?? part.insertRow();
    texts.forEach((text, c) => {
      if (!row.cells[c]) row.append(r && c ? make(":td") : make(":th", { scope: r ? "row" : "col", dir: "auto" }));
      if (row.cells[c].textContent !== text) row.cells[c].textContent = text;
    });
    while (row.cells.length > texts.length) row.lastChild.remove();
  });
  while (table.tBodies[0].rows.length >= rows.length && rows.length) table.tBodies[0].lastChild.remove();
}
