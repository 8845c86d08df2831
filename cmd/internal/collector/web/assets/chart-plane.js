// Lines and bars over time.
"use strict";

import { make } from "./chart-svg.js";
import { clock, exact, format, moment, ticks, timeTicks } from "./chart-axis.js";

// plane draws a chart. All sizes are for a root font of 16 px, for which unit is 1.
export function plane(svg, chart, { width, height, unit }) {
  const { times, interval, series } = chart;
  const left = 52 * unit, right = 10 * unit, top = (chart.compact ? 6 : 10) * unit,
    bottom = (chart.compact ? 18 : 22) * unit;
  const stacked = chart.kind === "bar" && chart.stacked;
  const [low, high] = extent(times, series, stacked);
  const rows = Math.floor((height - top - bottom) / (40 * unit));
  const marks = ticks(low, high, Math.max(rows, chart.compact ? 1 : 2));
  const min = marks[0], max = marks.at(-1);
  const from = chart.from, to = Math.max(chart.to, from + 1);
  const x = (ms) => left + (ms - from) / (to - from) * (width - left - right);
  const y = (v) => height - bottom - (v - min) / (max - min) * (height - top - bottom);

  const grid = make("g", { class: "scale" });
  for (const m of marks) {
    grid.append(make("line",
      { class: m === 0 && min < 0 ? "zero-line" : "", x1: left, x2: width - right, y1: y(m), y2: y(m) }));
    grid.append(make("text", { x: left - 6 * unit, y: y(m) + 4 * unit, "text-anchor": "end" }, format(m)));
  }
  const room = (chart.compact ? 110 : 80) * unit;
  const { step, all } = timeTicks(from, to, Math.max(2, Math.floor((width - left - right) / room)));
  for (const ms of all) {
    grid.append(make("line", { class: "faint", x1: x(ms), x2: x(ms), y1: top, y2: height - bottom }));
    if (x(ms) > left + 10 * unit && x(ms) < width - 20 * unit) {
      grid.append(make("text", { x: x(ms), y: height - 6 * unit, "text-anchor": "middle" }, clock(ms, step)));
    }
  }
  const cursor = make("line", { class: "cursor", y1: top, y2: height - bottom, visibility: "hidden" });
  const dots = make("g", { class: "dots" });
  const layer = make("g");
  const brush = make("path", { class: "brush", visibility: "hidden" });
  // A bar begins at its time. A point is at the middle of its interval.
  const middle = (t) => x(times[t] + interval / 2);
  if (chart.kind === "bar") bars(layer, chart, stacked, x, y, [left, width - right], unit);
  else series.forEach((s) => layer.append(line(s, times, middle, y, unit)));
  svg.replaceChildren(grid, cursor, layer, dots, brush);

  const entry = (s, v) => [s.kind, s.name, exact(v)];
  return {
    count: times.length,
    key: (t) => times[t],
    index: (ms) => times.findIndex((time) => Math.abs(time - ms) <= interval / 2),
    x: middle,
    y: () => top,
    find(px, py) {
      if (px < left || px > width - right || py < 0 || py > height || times.length === 0) return -1;
      const ms = from + (px - left) / (width - left - right) * (to - from) - interval / 2;
      let best = 0;
      times.forEach((time, t) => {
        if (Math.abs(time - ms) < Math.abs(times[best] - ms)) best = t;
      });
      return best;
    },
    mark(t) {
      cursor.setAttribute("visibility", t < 0 ? "hidden" : "visible");
      dots.replaceChildren();
      if (t < 0) return;
      cursor.setAttribute("x1", middle(t));
      cursor.setAttribute("x2", middle(t));
      if (chart.kind !== "line") return;
      for (const s of series) {
        if (s.values[t] !== null) dots.append(make("circle",
          { class: s.kind, cx: middle(t), cy: y(s.values[t]), r: 3.5 * unit }));
      }
    },
    tip(t) {
      const there = series.filter((s) => s.values[t] !== null);
      // Levels keep their order. Other series are sorted by value.
      if (!there.every(isLevel)) there.sort((a, b) => b.values[t] - a.values[t]);
      return { head: moment(times[t]), lines: there.slice(0, 12).map((s) => entry(s, s.values[t])) };
    },

    // Functions for selecting a range of time.

    place: x,
    // filled reports whether a time has a visible value.
    filled: (t) => series.some((s) => s.values[t]),
    // time returns the time at a position, or null outside the plot.
    time: (px) => px < left || px > width - right ? null : from + (px - left) / (width - left - right) * (to - from),
    // nearest returns the time at the nearest position inside the plot.
    nearest: (px) => from + (Math.min(Math.max(px, left), width - right) - left) / (width - left - right) * (to - from),
    // span returns the range of the whole bars between two times, as far
    // as they are visible.
    span(a, b) {
      const origin = times[0] ?? from;
      const first = origin + Math.floor((Math.min(a, b) - origin) / interval) * interval;
      const last = Math.max(origin + Math.ceil((Math.max(a, b) - origin) / interval) * interval, first + interval);
      return { from: Math.max(first, from), to: Math.min(last, to) };
    },
    brush(span) {
      brush.setAttribute("visibility", span ? "visible" : "hidden");
      if (!span) return;
      brush.setAttribute("d", `M${x(span.from)} ${top}H${x(span.to)}V${height - bottom}H${x(span.from)}Z`);
    },
    // spanTip returns the tooltip of a range: sums, if the values are
    // parts of a whole.
    spanTip(span) {
      const sum = (s) => s.values.reduce((n, v, t) => times[t] < span.to &&
        times[t] + interval > span.from ? n + (v ?? 0) : n, 0);
      return { head: moment(span.from) + " – " + moment(span.to),
        lines: stacked ? series.slice(0, 12).map((s) => entry(s, sum(s))) : [] };
    },
  };
}

const isLevel = (s) => /^l([0-7]|none)$/.test(s.kind);

// extent returns the smallest and the largest number of the axis. Stacked negative
// numbers extend downwards from zero.
function extent(times, series, stacked) {
  let low = 0, high = 0;
  times.forEach((_, t) => {
    let up = 0, down = 0;
    for (const s of series) {
      const v = s.values[t] ?? 0;
      up = stacked ? up + Math.max(v, 0) : v;
      down = stacked ? down + Math.min(v, 0) : v;
      high = Math.max(high, up);
      low = Math.min(low, down);
    }
  });
  return [low, high];
}

// line returns the path of a series, with points if there are few.
function line(s, times, x, y, unit) {
  let path = "", pen = false, points = 0;
  const g = make("g", { class: s.kind });
  times.forEach((_, t) => {
    const v = s.values[t];
    if (v === null) return;
    path += (pen ? "L" : "M") + x(t).toFixed(1) + " " + y(v).toFixed(1);
    pen = true;
    points++;
  });
  g.append(make("path", { d: path, class: "stroke" }));
  if (points <= 40) {
    times.forEach((_, t) => {
      if (s.values[t] !== null) g.append(make("circle", { cx: x(t), cy: y(s.values[t]), r: 2 * unit }));
    });
  }
  return g;
}

// bars draws the bars of each time side by side or stacked, between the edges of the
// plot.
function bars(layer, { times, interval, series }, stacked, x, y, [left, right], unit) {
  if (times.length === 0) return;
  const slot = Math.max(x(times[0] + interval) - x(times[0]), 2);
  const room = Math.max(slot * 0.82, 1);
  const each = stacked || series.length === 0 ? room : Math.max(room / series.length, 0.75);
  const bar = (kind, at, top, height) => {
    const x1 = Math.max(at, left), x2 = Math.min(at + Math.max(each - (each > 4 ? 0.8 : 0), 0.6), right);
    if (x2 <= x1) return;
    layer.append(make("rect",
      { class: kind, x: x1.toFixed(1), width: (x2 - x1).toFixed(1), y: top.toFixed(1), height: height.toFixed(1) }));
  };
  times.forEach((ms, t) => {
    const at = x(ms) + (slot - room) / 2;
    if (!stacked) {
      series.forEach((s, n) => {
        const v = s.values[t];
        if (v) bar(s.kind, at + n * each, Math.min(y(0), y(v)), Math.max(Math.abs(y(v) - y(0)), unit / 2));
      });
      return;
    }
    for (const sign of [1, -1]) {
      const parts = series.filter((s) => s.values[t] * sign > 0);
      let edge = y(0);
      const least = parts.every(isLevel) ? 1.5 * unit : 0.1;
      heights(parts.map((s) => Math.abs(y(s.values[t]) - y(0))), least).forEach((h, i) => {
        bar(parts[i].kind, at, sign > 0 ? edge - h : edge, h);
        edge -= sign * h;
      });
    }
  });
}

// heights makes all parts of a bar high enough to be visible, at the expense of the
// highest: one error among a thousand notices must be visible.
function heights(parts, least) {
  const seen = parts.map((h) => Math.max(h, least));
  const excess = seen.reduce((sum, h, i) => sum + h - parts[i], 0);
  const highest = seen.indexOf(Math.max(...seen));
  if (excess > 0 && seen[highest] - excess >= least) seen[highest] -= excess;
  return seen;
}
