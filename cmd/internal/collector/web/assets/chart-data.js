// Prepares the data of a chart: few enough series for eyes, a legend and a browser,
// each with a readable name and numbers that can be drawn.
"use strict";

const COLORS = 12; // c0 to c11 of the style sheet
export const SHOWN = 30; // series or slices by name

const HUGE = 1e300; // sums and axes of such numbers are still finite

// number returns the number that represents a value, or null.
function number(v) {
  if (typeof v !== "number" || Number.isNaN(v)) return null;
  return Math.min(Math.max(v, -HUGE), HUGE);
}

const title = (name) => String(name ?? "").trim() === "" ? "(none)" : String(name);

export const grouped = (n) => n.toLocaleString("en");

// readable returns a chart with at most SHOWN series or slices; more is the number of
// those left out. If the values are parts of a whole, a last series has their sum.
export function readable(chart) {
  const all = (chart.kind === "pie" ? chart.slices : chart.series) ?? [];
  const kept = all.slice(0, SHOWN).map((s, i) => ({ ...s, name: title(s.name), kind: s.kind ?? "c" + (i % COLORS) }));
  const rest = all.slice(SHOWN);
  const others = { name: grouped(rest.length) + " more", kind: "rest" };
  if (chart.kind === "pie") {
    const share = (s) => Math.max(number(s.value) ?? 0, 0);
    for (const s of kept) s.value = number(s.value);
    if (rest.length) kept.push({ ...others, value: rest.reduce((sum, s) => sum + share(s), 0) });
    return { ...chart, slices: kept, more: rest.length };
  }
  const times = chart.times ?? [];
  for (const s of kept) s.values = times.map((_, t) => number(s.values[t]));
  if (rest.length && chart.kind === "bar" && chart.stacked) {
    kept.push({ ...others, values: times.map((_, t) => rest.reduce((sum, s) => sum + (number(s.values[t]) ?? 0), 0)) });
  }
  return { ...chart, times, interval: Math.max(chart.interval || 0, 1), series: kept, more: rest.length };
}
