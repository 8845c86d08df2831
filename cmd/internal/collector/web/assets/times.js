// The picker of a range of time: the last so many seconds, all times, or from one time
// to another. The dashboard and the search each have one.
"use strict";

import { $, localTime } from "./dom.js";

// timePicker calls pick with {range} or {from, to}, as in the REST API. It returns a
// function that shows a range, such as that of the address.
export function timePicker(pick) {
  const range = $("range"), own = $("own");
  const inputs = own.elements;
  const shown = (when) => when ? localTime(when).replace(" ", "T").slice(0, 19) : "";
  range.addEventListener("change", () => {
    if (range.value !== "own") {
      pick({ range: range.value, from: "", to: "" });
      return;
    }
    own.hidden = false;
    inputs.to.value ||= shown(Date.now());
    inputs.from.value ||= inputs.to.value.slice(0, 11) + "00:00:00";
    inputs.from.focus();
  });
  own.addEventListener("submit", (e) => {
    e.preventDefault();
    const from = new Date(inputs.from.value), to = new Date(inputs.to.value);
    inputs.to.setCustomValidity(from < to ? "" : "The end must be later than the beginning.");
    if (own.reportValidity()) pick({ range: "", from: from.toISOString(), to: to.toISOString() });
  });
  inputs.to.addEventListener("input", () => inputs.to.setCustomValidity(""));
  return ({ range: last, from, to }) => {
    range.value = from || to ? "own" : last;
    own.hidden = range.value !== "own";
    if (!own.hidden) [inputs.from.value, inputs.to.value] = [shown(from), shown(to)];
  };
}
