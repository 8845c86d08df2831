// What mouse, pen, fingers and keys do to a chart: a tooltip goes through its
// values, and a span of time can be picked where the chart lets it.
//
// A place is kept as what it stands for, a time or a name, and not as a number
// of pixels or of bars: the next drawing may have moved it.
"use strict";

import { make } from "./chart-svg.js";

// listen makes the elements of a chart answer. They stay while it is drawn again
// and again. The state gets
//
//   pointer  where the mouse is, in the window
//   at       what the tooltip speaks of
//   mark     {anchor, end}: times selected with the keyboard
//   drag     {id, anchor, x, moved}: the time where it began
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
  // A finger that scrolls the page is no drag.
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
    if (state.drag || state.mark) e.stopPropagation(); // it means no more than this
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
  // A selection ends at the edge, all else begins anew at the other.
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

// place returns where in the chart an event is.
function place({ svg, box }, e) {
  const b = svg.getBoundingClientRect();
  return [(e.clientX - b.left) * box.width / b.width, (e.clientY - b.top) * box.height / b.height];
}

// dragged, marked and bar return a span of time, or nothing.
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

// restore puts tooltip, cursor and selection to where they belong.
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

// tell shows a tooltip beside a place, so that it hides nothing of it.
function tell({ tip, box }, { head, lines }, at, y) {
  const fresh = [make(":div", { class: "tip-head" }, make(":bdi", {}, head)), ...lines.map(([kind, name, value]) =>
    make(":div", { class: "tip-line " + kind }, make(":span", { class: "swatch" }), make(":bdi", {}, name), make(":b", {}, value)))];
  // A screen reader repeats what is set anew.
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
