// Numbers and times in the form that axes and tooltips of charts use.
"use strict";

// format returns a number short enough for an axis: 1500000 is 1.5 M.
export function format(n) {
  if (n === null || n === undefined || !Number.isFinite(n)) return "–";
  const units = [[1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]];
  const size = Math.abs(n);
  if (size >= 1e21) return n.toExponential(1).replace(/\.0|\+/g, "");
  for (const [unit, name] of units) {
    if (size >= unit) {
      const scale = name === "k" ? 1e3 : unit;
      return trim(n / scale) + " " + name;
    }
  }
  return trim(n);
}

function trim(n) {
  const digits = Math.abs(n) >= 100 ? 0 : Math.abs(n) >= 10 ? 1 : Math.abs(n) >= 1 || n === 0 ? 2 : 4;
  return String(Number(n.toFixed(digits)) + 0); // + 0: not -0
}

// exact returns a number with all its digits, for a tooltip.
export function exact(n) {
  if (n === null || n === undefined || !Number.isFinite(n)) return "–";
  if (Math.abs(n) >= 1e21) return format(n);
  return n.toLocaleString("en", { maximumFractionDigits: 4 });
}

export const percent = (share) => (100 * share).toFixed(1) + " %";

// ticks returns about count round numbers, from at most 0 to at least max.
export function ticks(min, max, count) {
  if (!(max - min > 1e-100)) max = min + 1;
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((s) => s * power >= rough) * power;
  const all = [];
  for (let k = Math.floor(min / step); ; k++) {
    const n = Number((k * step).toPrecision(12));
    all.push(n);
    if (n >= max) return all;
  }
}

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR, YEAR = 365 * DAY;
const STEPS = [SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, YEAR];

// timeTicks returns at most count round local times between two times.
export function timeTicks(from, to, count) {
  const step = STEPS.find((s) => (to - from) / s <= count) || Math.ceil((to - from) / count / YEAR) * YEAR;
  const zone = new Date(from).getTimezoneOffset() * MINUTE;
  const all = [];
  for (let t = Math.ceil((from - zone) / step) * step + zone; t <= to; t += step) all.push(t);
  return { step, all };
}

// clock returns a time with the precision that a step between times needs.
export function clock(ms, step) {
  const d = new Date(ms);
  const two = (n) => String(n).padStart(2, "0");
  if (step >= YEAR) return d.getFullYear() + "-" + two(d.getMonth() + 1);
  const day = two(d.getMonth() + 1) + "-" + two(d.getDate());
  if (step >= DAY) return day;
  const time = two(d.getHours()) + ":" + two(d.getMinutes());
  return step < MINUTE ? time + ":" + two(d.getSeconds()) : time;
}

// moment returns a full time, for a tooltip.
export function moment(ms) {
  const d = new Date(ms);
  return clock(ms, DAY) + " " + clock(ms, SECOND) +
    (d.getMilliseconds() ? "." + String(d.getMilliseconds()).padStart(3, "0") : "");
}
