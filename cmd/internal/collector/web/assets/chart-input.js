// Input of charts by mouse, pen, fingers and keys: a tooltip follows the values, and a
// range of time can be selected if the chart allows it.
//
// Positions are kept as a time or a name, and not as a number of pixels or bars,
// because a redraw may move them.
"use strict";

import { make } from "./chart-svg.js";

// listen adds the event handlers to the elements of a chart, which stay when the chart
// is redrawn. They use the state:
//
//	pointer  position of the mouse in the window
//	at       time or name that the tooltip shows
//	mark     {anchor, end}: times selected with the keyboard
//	drag     {id, anchor, x, moved}: a drag, and the time at which it began
export function listen(state) {
  const { svg } = state;
  Object.assign(state, { pointer: null, at: null, mark: null, drag: null });
  svg.addEventListener("pointerdown", (e) => {
    if (!state.chart.pick || !state.show.time || !e.isPrimary || e.button !== 0) return;
    const anchor = state.show.time(place(state, e)[0]);
    if (anchor === null) return;
    svg.setPointerCapture(e.pointerId);
    Object.assign(state, { pointer: e, mark: null, drag: { id: e.pointerId, anchor, x: e.clientX, moved: false } });
    restore(state);
  });
  svg.addEventListener("pointermove", (e) => {
    if (state.drag && state.drag.id !== e.pointerId) return;
    state.pointer = e;
    if (state.drag && Math.abs(e.clientX - state.drag.x) > 4 * state.box.unit) state.drag.moved = true;
    restore(state);
  });
  svg.addEventListener("pointerup", (e) => {
    if (state.drag?.id !== e.pointerId) return;
    state.pointer = e;
    const span = dragged(state) ?? bar(state, state.show.find(...place(state, e)));
    state.drag = null;
    restore(state);
    if (span) state.chart.pick?.(span.from, span.to);
  });
  // A finger that scrolls the page does not drag.
  for (const kind of ["pointercancel", "lostpointercapture"]) {
    svg.addEventListener(kind, (e) => {
      if (state.drag?.id === e.pointerId) abandon(state);
    });
  }
  const leave = () => {
    if (state.drag) return;
    Object.assign(state, { pointer: null, at: null, mark: null });
    restore(state);
  };
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);
  svg.addEventListener("keydown", (e) => press(state, e));
}

function press(state, e) {
  const { show, chart } = state;
  const at = state.at === null ? -1 : show.index(state.at);
  const last = show.count - 1;
  if (e.key === "Escape") {
    if (state.drag || state.mark) e.stopPropagation(); // Escape cancels the selection and nothing else
    abandon(state);
    return;
  }
  if (e.key === "Enter" && chart.pick && show.span) {
    const span = marked(state) ?? bar(state, at);
    if (!span) return;
    e.preventDefault();
    abandon(state);
    chart.pick(span.from, span.to);
    return;
  }
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
  if (!step || last < 0 || e.altKey || e.ctrlKey || e.metaKey) return;
  e.preventDefault();
  const extend = e.shiftKey && chart.pick && show.span;
  let next = at < 0 ? (step > 0 ? 0 : last) : at + step;
  // A selection stops at the edge. Otherwise the cursor continues at the other
  // edge.
  next = extend ? Math.min(Math.max(next, 0), last) : (next + last + 1) % (last + 1);
  state.at = show.key(next);
  state.pointer = null;
  state.mark = extend ? { anchor: state.mark?.anchor ?? show.key(at < 0 ? next : at), end: state.at } : null;
  restore(state);
}

function abandon(state) {
  if (state.drag && state.svg.hasPointerCapture(state.drag.id)) {
    const { id } = state.drag;
    state.drag = null;
    state.svg.releasePointerCapture(id);
  }
  Object.assign(state, { pointer: null, at: null, mark: null, drag: null });
  restore(state);
}

// place returns the position of an event in the chart.
function place({ svg, box }, e) {
  const b = svg.getBoundingClientRect();
  return [(e.clientX - b.left) * box.width / b.width, (e.clientY - b.top) * box.height / b.height];
}

// dragged, marked and bar return a range of time, or null.
function dragged({ drag, pointer, show, ...state }) {
  return drag?.moved ? show.span(drag.anchor, show.nearest(place(state, pointer)[0])) : null;
}

function marked({ mark, chart, show }) {
  if (!mark) return null;
  return show.span(Math.min(mark.anchor, mark.end), Math.max(mark.anchor, mark.end) + chart.interval);
}

function bar({ show, chart }, i) {
  if (i < 0 || !show.filled(i)) return null;
  return show.span(show.key(i), show.key(i) + chart.interval);
}

// restore moves tooltip, cursor and selection to their positions.
export function restore(state) {
  const { show, chart } = state;
  if (state.drag && !(chart.pick && show.span)) state.drag = null;
  if (state.mark && !(chart.pick && show.span)) state.mark = null;
  const span = dragged(state) ?? marked(state);
  show.brush?.(span);
  let i = state.at === null ? -1 : show.index(state.at);
  if (state.pointer) i = show.find(...place(state, state.pointer));
  state.at = i < 0 ? null : show.key(i);
  show.mark(span && state.drag ? -1 : i);
  if (span) tell(state, show.spanTip(span), show.place(span.to), show.y);
  else if (i >= 0) tell(state, show.tip(i), show.x(i), (height) => show.y(height, i));
  else hide(state.tip, true);
}

// tell shows a tooltip beside a position without hiding it.
function tell({ tip, box }, { head, lines }, at, y) {
  const fresh = [make(":div", { class: "tip-head" }, make(":bdi", {}, head)), ...lines.map(([kind, name, value]) =>
    make(":div", { class: "tip-line " + kind }, make(":span", { class: "swatch" }), make(":bdi", {}, name),
      make(":b", {}, value)))];
  // A screen reader repeats text that is set again, so equal text is left alone.
  if (!same(tip.children, fresh)) tip.replaceChildren(...fresh);
  hide(tip, false);
  const gap = 14 * box.unit;
  const x = at + gap + tip.offsetWidth <= box.width ? at + gap : Math.max(at - gap - tip.offsetWidth, 0);
  tip.style.transform = `translate(${Math.round(x)}px, ${Math.round(y(tip.offsetHeight))}px)`;
}

function hide(tip, hidden) {
  if (tip.hidden !== hidden) tip.hidden = hidden;
}

const same = (a, b) => a.length === b.length && b.every((e, i) => e.isEqualNode(a[i]));
