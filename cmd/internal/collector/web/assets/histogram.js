// The histogram of a search: records over time, by level.
"use strict";

import { draw } from "./chart.js";
import { $, levelName } from "./dom.js";

// histogram draws an answer of /api/histogram, and returns how many records match. It
// calls pick with {from, to} when a range of time is selected.
export function histogram(t, view, now, pick) {
  const sum = (cells) => cells.reduce((n, [v]) => n + (v ?? 0), 0);
  const total = t.cells.reduce((n, row) => n + sum(row), 0) + t.other;
  const order = t.columns.map((level, c) => [level ?? 99, c]).sort(([a], [b]) => a - b);
  const series = order.map(([level, c]) => ({
    name: level > 7 ? "none" : levelName(level), kind: level > 7 ? "lnone" : "l" + level,
    values: t.cells.map((row) => row[c]?.[0] ?? null),
  })).filter((s) => s.values.some((n) => n > 0));
  const interval = t.interval_ms || 1000;
  const ends = [t.rows[0] ?? now - interval, (t.rows.at(-1) ?? now) + interval];
  const from = view.from ? Date.parse(view.from) : view.range > 0 ? now - view.range * 1000 : ends[0];
  const to = view.to ? Date.parse(view.to) : view.range > 0 ? now : ends[1];
  draw($("histogram"), {
    kind: "bar", stacked: true, compact: true, times: t.rows, interval, series, from: Math.min(from, ends[0]),
      to: Math.max(to, ends[1]),
    pick: (first, last) => pick({ from: new Date(first).toISOString(), to: new Date(last).toISOString() }),
  });
  return total;
}
