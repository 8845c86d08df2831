// Charts as SVG: lines, bars side by side or on top of each other, and pies.
//
//   draw(element, chart)
//
// draws into an element what chart holds, and draws it anew when it is called
// again, without a flicker: series that the legend has switched off stay so, and
// a tooltip stays where it is. A chart is
//
//   {kind: "line" | "bar", stacked: bool, times: [ms…], interval: ms, from: ms, to: ms,
//    series: [{name, color, values: [number | null…]}…]}
//   {kind: "pie", slices: [{name, value}…]}
//
// Colors are those of the style sheet: the n-th series has the class c<n>. All
// texts are set as text, whatever is in them. A chart can be read with the
// arrow keys, and a screen reader gets its numbers as a table.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const COLORS = 12; // c0 to c11 of the style sheet

// make returns an element of SVG, or of HTML if its name begins with a colon.
function make(name, attributes = {}, ...children) {
  const e = name.startsWith(":") ? document.createElement(name.slice(1)) : document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
}

// format writes a number short enough for an axis: 1500000 is 1.5 M.
export function format(n) {
  if (n === null || n === undefined || !Number.isFinite(n)) return "–";
  const units = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]];
  const size = Math.abs(n);
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
  return String(Number(n.toFixed(digits)));
}

// exact writes a number with all its digits, for a tooltip.
export function exact(n) {
  if (n === null || n === undefined || !Number.isFinite(n)) return "–";
  return n.toLocaleString("en", { maximumFractionDigits: 4 });
}

// ticks returns about count round numbers from 0 or below to max or above.
export function ticks(min, max, count) {
  if (min >= max) max = min + 1;
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

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const STEPS = [SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];

// timeTicks returns round local times between two others, at most count.
export function timeTicks(from, to, count) {
  const step = STEPS.find((s) => (to - from) / s <= count) || STEPS.at(-1);
  const zone = new Date(from).getTimezoneOffset() * MINUTE;
  const all = [];
  for (let t = Math.ceil((from - zone) / step) * step + zone; t <= to; t += step) all.push(t);
  return { step, all };
}

function clock(ms, step) {
  const d = new Date(ms);
  const two = (n) => String(n).padStart(2, "0");
  const day = two(d.getMonth() + 1) + "-" + two(d.getDate());
  if (step >= DAY) return day;
  const time = two(d.getHours()) + ":" + two(d.getMinutes());
  return step < MINUTE ? time + ":" + two(d.getSeconds()) : time;
}

// moment writes a time in full, for a tooltip.
function moment(ms) {
  const d = new Date(ms);
  return clock(ms, DAY) + " " + clock(ms, SECOND) + (d.getMilliseconds() ? "." + String(d.getMilliseconds()).padStart(3, "0") : "");
}

// states has what a user has done to a chart: series switched off, the place
// the arrow keys have reached.
const states = new WeakMap();

export function draw(element, chart) {
  let state = states.get(element);
  if (!state) {
    state = { off: new Set(), at: -1 };
    states.set(element, state);
    new ResizeObserver(() => state.paint && state.paint()).observe(element);
  }
  state.paint = () => paint(element, chart, state);
  state.paint();
}

function paint(element, chart, state) {
  const width = Math.max(element.clientWidth, 120);
  const names = chart.kind === "pie" ? chart.slices.map((s) => s.name) : chart.series.map((s) => s.name);
  const legend = makeLegend(names, chart, state);
  // What had the focus gets it again.
  const focused = document.activeElement;
  const kept = element.contains(focused) ? focused.dataset.name ?? (focused.tagName === "svg" ? "" : null) : null;

  const plot = make(":div", { class: "plot" });
  element.replaceChildren(plot, legend, table(chart, state));
  const height = Math.max(plot.clientHeight, 60);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", tabindex: "0", "aria-label": label(chart, names) });
  const tip = make(":div", { class: "tip", role: "status" });
  tip.hidden = true;
  plot.append(svg, tip);

  const show = chart.kind === "pie" ? pie(svg, chart, state, width, height) : plane(svg, chart, state, width, height);
  const reveal = (i) => {
    state.at = i;
    show.mark(i);
    fill(tip, show.tip(i));
    // Beside the place, so that it hides nothing of it.
    const beside = show.x(i) + 14;
    const x = beside + tip.offsetWidth <= width ? beside : Math.max(show.x(i) - 14 - tip.offsetWidth, 0);
    tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(show.y(i, tip.offsetHeight))}px)`;
  };
  const conceal = () => {
    state.at = -1;
    tip.hidden = true;
    show.mark(-1);
  };
  svg.addEventListener("pointermove", (e) => {
    const box = svg.getBoundingClientRect();
    const i = show.find((e.clientX - box.left) * width / box.width, (e.clientY - box.top) * height / box.height);
    if (i < 0) conceal();
    else reveal(i);
  });
  svg.addEventListener("pointerleave", conceal);
  svg.addEventListener("blur", conceal);
  svg.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
    if (e.key === "Escape") conceal();
    if (!step || show.count === 0) return;
    e.preventDefault();
    reveal(state.at < 0 ? (step > 0 ? 0 : show.count - 1) : (state.at + step + show.count) % show.count);
  });
  if (kept === "") svg.focus();
  else if (kept !== null) [...legend.children].find((b) => b.dataset.name === kept)?.focus();
  if (state.at >= 0 && state.at < show.count) reveal(state.at);
}

function label(chart, names) {
  const kinds = { line: "Line chart", bar: "Bar chart", pie: "Pie chart" };
  const shown = names.slice(0, 10).join(", ");
  return `${kinds[chart.kind]} of ${shown || "nothing yet"}${names.length > 10 ? ` and ${names.length - 10} more` : ""}. The arrow keys go through its values.`;
}

function makeLegend(names, chart, state) {
  const legend = make(":div", { class: "legend", role: "group", "aria-label": "Series" });
  names.forEach((name, i) => {
    const on = !state.off.has(name);
    const button = make(":button", { type: "button", class: "key " + color(i), "aria-pressed": String(on) }, make(":span", { class: "swatch" }), make(":bdi", {}, name));
    button.dataset.name = name;
    button.title = name;
    button.addEventListener("click", () => {
      if (on) state.off.add(name);
      else state.off.delete(name);
      state.paint();
    });
    legend.append(button);
  });
  return legend;
}

const color = (i) => "c" + (i % COLORS);

// fill writes a tooltip: a head, and lines of [class, name, value].
function fill(tip, { head, lines }) {
  tip.replaceChildren(make(":div", { class: "tip-head" }, head));
  for (const [kind, name, value] of lines) {
    tip.append(make(":div", { class: "tip-line " + kind }, make(":span", { class: "swatch" }), make(":bdi", {}, name), make(":b", {}, value)));
  }
  tip.hidden = false;
}

// table gives the numbers to those who do not see the chart.
function table(chart, state) {
  const body = make(":tbody");
  const add = (...cells) => body.append(make(":tr", {}, ...cells.map((c, i) => make(i ? ":td" : ":th", i ? {} : { scope: "row" }, c))));
  const t = make(":table", { class: "for-readers" });
  if (chart.kind === "pie") {
    chart.slices.forEach((s) => add(s.name, exact(s.value)));
    return t.append(body), t;
  }
  const shown = chart.series.filter((s) => !state.off.has(s.name));
  t.append(make(":thead", {}, make(":tr", {}, make(":th", { scope: "col" }, "time"), ...shown.map((s) => make(":th", { scope: "col" }, s.name)))));
  chart.times.slice(-20).forEach((time, i, last) => {
    add(moment(time), ...shown.map((s) => exact(s.values[s.values.length - last.length + i])));
  });
  return t.append(body), t;
}

// plane draws lines or bars over time.
function plane(svg, chart, state, width, height) {
  const left = 52, right = 10, top = 10, bottom = 22;
  const series = chart.series.map((s, i) => ({ ...s, i })).filter((s) => !state.off.has(s.name));
  const stacked = chart.kind === "bar" && chart.stacked;
  let high = 0, low = 0;
  chart.times.forEach((_, t) => {
    let sum = 0;
    for (const s of series) {
      const v = s.values[t];
      if (v === null || v === undefined) continue;
      sum += v;
      high = Math.max(high, stacked ? sum : v);
      low = Math.min(low, v);
    }
  });
  const marks = ticks(low, high, Math.max(2, Math.floor((height - top - bottom) / 40)));
  const min = marks[0], max = marks.at(-1);
  const from = chart.from, to = Math.max(chart.to, from + 1);
  const x = (ms) => left + (ms - from) / (to - from) * (width - left - right);
  const y = (v) => height - bottom - (v - min) / (max - min) * (height - top - bottom);

  const grid = make("g", { class: "scale" });
  for (const m of marks) {
    grid.append(make("line", { x1: left, x2: width - right, y1: y(m), y2: y(m) }));
    grid.append(make("text", { x: left - 6, y: y(m) + 4, "text-anchor": "end" }, format(m)));
  }
  const { step, all } = timeTicks(from, to, Math.max(2, Math.floor((width - left - right) / 80)));
  for (const ms of all) {
    grid.append(make("line", { class: "faint", x1: x(ms), x2: x(ms), y1: top, y2: height - bottom }));
    if (x(ms) > left + 10 && x(ms) < width - 20) grid.append(make("text", { x: x(ms), y: height - 6, "text-anchor": "middle" }, clock(ms, step)));
  }
  const cursor = make("line", { class: "cursor", y1: top, y2: height - bottom, visibility: "hidden" });
  const dots = make("g", { class: "dots" });
  const marksLayer = make("g");
  // A bar stands for the time from its moment on, a point for its middle.
  const middle = (t) => x(chart.times[t] + chart.interval / 2);
  if (chart.kind === "bar") bars(marksLayer, chart, series, stacked, x, y);
  else series.forEach((s) => marksLayer.append(line(s, chart, middle, y)));
  svg.replaceChildren(grid, cursor, marksLayer, dots);

  const value = (s, t) => s.values[t] ?? null;
  return {
    count: chart.times.length,
    x: middle,
    y: () => top,
    find(px) {
      if (px < left || px > width - right || chart.times.length === 0) return -1;
      const ms = from + (px - left) / (width - left - right) * (to - from) - chart.interval / 2;
      let best = 0;
      chart.times.forEach((time, t) => {
        if (Math.abs(time - ms) < Math.abs(chart.times[best] - ms)) best = t;
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
        if (value(s, t) !== null) dots.append(make("circle", { class: color(s.i), cx: middle(t), cy: y(value(s, t)), r: 3.5 }));
      }
    },
    tip: (t) => ({
      head: moment(chart.times[t]),
      lines: series.filter((s) => value(s, t) !== null).sort((a, b) => value(b, t) - value(a, t)).slice(0, 12)
        .map((s) => [color(s.i), s.name, exact(value(s, t))]),
    }),
  };
}

// line is the path of a series, with a gap where it has no value for longer than
// the values beside it are apart, and points where it has few.
function line(s, chart, x, y) {
  let path = "", pen = false, points = 0;
  const g = make("g", { class: color(s.i) });
  chart.times.forEach((_, t) => {
    const v = s.values[t];
    if (v === null || v === undefined) return;
    path += (pen ? "L" : "M") + x(t).toFixed(1) + " " + y(v).toFixed(1);
    pen = true;
    points++;
  });
  g.append(make("path", { d: path, class: "stroke" }));
  if (points <= 40) {
    chart.times.forEach((_, t) => {
      const v = s.values[t];
      if (v !== null && v !== undefined) g.append(make("circle", { cx: x(t), cy: y(v), r: 2 }));
    });
  }
  return g;
}

function bars(layer, chart, series, stacked, x, y) {
  const slot = Math.max(x(chart.times[0] + chart.interval) - x(chart.times[0]), 2) || 2;
  const room = Math.max(slot * 0.82, 1);
  const each = stacked || series.length === 0 ? room : Math.max(room / series.length, 0.75);
  chart.times.forEach((ms, t) => {
    let sum = 0;
    series.forEach((s, n) => {
      const v = s.values[t];
      if (v === null || v === undefined || v === 0) return;
      const base = stacked ? sum : 0;
      sum += v;
      const at = x(ms) + (slot - room) / 2 + (stacked ? 0 : n * each);
      layer.append(make("rect", { class: color(s.i), x: at.toFixed(1), width: Math.max(each - (each > 4 ? 0.8 : 0), 0.6).toFixed(1), y: y(base + v).toFixed(1), height: Math.max(y(base) - y(base + v), 0.5).toFixed(1) }));
    });
  });
}

// pie draws shares of a whole, from the top clockwise.
function pie(svg, chart, state, width, height) {
  const slices = chart.slices.map((s, i) => ({ ...s, i })).filter((s) => !state.off.has(s.name) && s.value > 0);
  const total = slices.reduce((sum, s) => sum + s.value, 0);
  const cx = width / 2, cy = height / 2, r = Math.max(Math.min(width, height) / 2 - 6, 20), hole = r * 0.5;
  const at = (share, radius) => [cx + radius * Math.sin(2 * Math.PI * share), cy - radius * Math.cos(2 * Math.PI * share)];
  let share = 0;
  svg.replaceChildren();
  for (const s of slices) {
    s.from = share;
    s.to = share += s.value / total;
    svg.append(make("path", { class: "slice " + color(s.i), d: ring(at, s.from, s.to, r, hole) }));
    if (s.to - s.from > 0.06) {
      const [tx, ty] = at((s.from + s.to) / 2, (r + hole) / 2);
      svg.append(make("text", { class: "share", x: tx, y: ty + 4, "text-anchor": "middle" }, percent(s.value / total)));
    }
  }
  return {
    count: slices.length,
    x: (i) => at((slices[i].from + slices[i].to) / 2, r)[0],
    y: (i, h) => Math.min(Math.max(at((slices[i].from + slices[i].to) / 2, r)[1] - h / 2, 0), Math.max(height - h, 0)),
    find(px, py) {
      const d = Math.hypot(px - cx, py - cy);
      if (d > r || d < hole) return -1;
      const turn = (Math.atan2(px - cx, cy - py) / (2 * Math.PI) + 1) % 1;
      return slices.findIndex((s) => turn >= s.from && turn < s.to);
    },
    mark(n) {
      [...svg.querySelectorAll(".slice")].forEach((e, i) => e.classList.toggle("on", i === n));
    },
    tip: (i) => ({ head: slices[i].name, lines: [[color(slices[i].i), percent(slices[i].value / total), exact(slices[i].value)]] }),
  };
}

// ring is the path of a slice from one share to another. An arc cannot end where
// it begins, so that a whole ring is drawn as two halves.
function ring(at, from, to, r, hole) {
  if (to - from >= 1) return ring(at, 0, 0.5, r, hole) + ring(at, 0.5, 1, r, hole);
  const big = to - from > 0.5 ? 1 : 0;
  const point = (share, radius) => at(share, radius).map((n) => n.toFixed(2)).join(" ");
  return `M${point(from, r)}A${r} ${r} 0 ${big} 1 ${point(to, r)}L${point(to, hole)}A${hole} ${hole} 0 ${big} 0 ${point(from, hole)}Z`;
}

const percent = (share) => (100 * share).toFixed(1) + " %";
