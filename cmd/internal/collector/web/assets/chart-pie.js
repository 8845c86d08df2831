// Pies: shares of a whole, clockwise from the top.
"use strict";

import { make } from "./chart-svg.js";
import { exact, percent } from "./chart-axis.js";

export function pie(svg, chart, { width, height, unit }) {
  const slices = chart.slices.filter((s) => s.value > 0).map((s) => ({ ...s }));
  const total = slices.reduce((sum, s) => sum + s.value, 0);
  const cx = width / 2, cy = height / 2, r = Math.max(Math.min(width, height) / 2 - 6 * unit, 20 * unit),
    hole = r * 0.5;
  const at = (share, radius) => [cx + radius * Math.sin(2 * Math.PI * share),
    cy - radius * Math.cos(2 * Math.PI * share)];
  let share = 0;
  svg.replaceChildren();
  for (const s of slices) {
    s.from = share;
    s.to = share += s.value / total;
    svg.append(make("path", { class: "slice " + s.kind, d: ring(at, s.from, s.to, r, hole) }));
    if (s.to - s.from > 0.06) {
      const [tx, ty] = at((s.from + s.to) / 2, (r + hole) / 2);
      svg.append(make("text", { class: "share", x: tx, y: ty + 4 * unit, "text-anchor": "middle" },
        percent(s.value / total)));
    }
  }
  const middle = (i) => (slices[i].from + slices[i].to) / 2;
  return {
    count: slices.length,
    key: (i) => slices[i].name,
    index: (name) => slices.findIndex((s) => s.name === name),
    x: (i) => at(middle(i), r)[0],
    y: (high, i) => Math.min(Math.max(at(middle(i), r)[1] - high / 2, 0), Math.max(height - high, 0)),
    find(px, py) {
      const d = Math.hypot(px - cx, py - cy);
      if (d > r || d < hole) return -1;
      const turn = (Math.atan2(px - cx, cy - py) / (2 * Math.PI) + 1) % 1;
      return slices.findIndex((s) => turn >= s.from && turn < s.to);
    },
    mark(n) {
      svg.querySelectorAll(".slice").forEach((e, i) => e.classList.toggle("on", i === n));
    },
    tip: (i) => ({ head: slices[i].name,
      lines: [[slices[i].kind, percent(slices[i].value / total), exact(slices[i].value)]] }),
  };
}

// ring returns the path of a slice from one share to another. An arc cannot end where
// it begins, so a whole ring is drawn as two halves.
function ring(at, from, to, r, hole) {
  if (to - from >= 1) return ring(at, 0, 0.5, r, hole) + ring(at, 0.5, 1, r, hole);
  const big = to - from > 0.5 ? 1 : 0;
  const point = (share, radius) => at(share, radius).map((n) => n.toFixed(2)).join(" ");
  const outer = `M${point(from, r)}A${r} ${r} 0 ${big} 1 ${point(to, r)}`;
  return `${outer}L${point(to, hole)}A${hole} ${hole} 0 ${big} 0 ${point(from, hole)}Z`;
}
