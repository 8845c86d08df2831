// Charts as SVG: lines, bars side by side or stacked, and pies.
//
//	draw(element, chart)
//
// draws a chart into an element. Drawing again updates the chart without flicker:
// series stay switched off, and tooltip, focus and drag stay in place. A chart is
//
//	{kind: "line" | "bar", stacked: bool, times: [ms…], interval: ms, from: ms, to: ms,
//	 series: [{name, kind, values: [number | null…]}…],
//	 compact: bool, pick: (from, to) => …}
//	{kind: "pie", slices: [{name, value}…]}
//
// The style sheet has the colors. The n-th series has the class c<n>, or its kind if
// it has one: l0 to l7 are syslog levels, lnone is no level. A compact chart is for a
// plot about 90 px high. If pick is set, users can select a range of time; pick is
// called with its ends in milliseconds.
//
// Texts are always set as text, never as HTML. The arrow keys move through the values
// of a chart, and screen readers get a table of its numbers. If there are very many
// series, only the first are shown by name.
"use strict";

import { arrange, make } from "./chart-svg.js";
import { exact, moment } from "./chart-axis.js";
import { grouped, readable } from "./chart-data.js";
import { plane } from "./chart-plane.js";
import { pie } from "./chart-pie.js";
import { listen, restore } from "./chart-input.js";

export { exact, format, ticks, timeTicks } from "./chart-axis.js";

// states has the elements and the state of each chart.
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
    off: new Set(), // names of the series that are switched off
    size: "",
  };
  state.tip.hidden = true;
  state.plot.append(state.svg, state.tip);
  make(":div", { class: "for-readers" }, state.table); // a table alone would not be clipped
  listen(state);
  new ResizeObserver(() => {
    if (state.plot.isConnected && state.size !== measure(state.plot).join()) paint(state);
  }).observe(state.plot);
  return state;
}

// measure returns the width and height of a plot, and the ratio of the root font to 16
// px.
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

  // The plot gets the space that the legend leaves.
  const [width, height, unit] = measure(plot);
  state.size = [width, height, unit].join();
  const attributes = {
    viewBox: `0 0 ${width} ${height}`, width, height, "aria-label": label(chart, all),
    // Screen readers pass the arrow keys to an application.
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
  const shown = (first || "nothing yet") + (more > 0 ? ` and ${grouped(more)} more` : "");
  return `${kinds[chart.kind]} of ${shown}. The arrow keys go through its values.` +
    (chart.pick ? " With Shift they select a range of time. Enter applies it, Escape cancels it." : "");
}

// keys returns the elements of the legend. A series keeps its element.
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
  const button = make(":button", { type: "button", title: name }, make(":span", { class: "swatch" }),
    make(":bdi", {}, name));
  button.addEventListener("click", () => {
    if (!state.off.delete(name)) state.off.add(name);
    paint(state);
  });
  return button;
}

// rows returns the numbers of a chart as a table for screen readers.
function rows(chart) {
  if (chart.kind === "pie") return [["name", "value"], ...chart.slices.map((s) => [s.name, exact(s.value)])];
  const first = Math.max(chart.times.length - 20, 0);
  return [["time", ...chart.series.map((s) => s.name)],
    ...chart.times.slice(first)
      .map((time, i) => [moment(time), ...chart.series.map((s) => exact(s.values[first + i]))])];
}

// fill updates a table. It only changes new cells, so a screen reader keeps its
// position.
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
