// The picker of a range of time: the last so many seconds, all, or from one moment to
// another. The dashboard and the search have one each.
"use strict";

import { $, localTime } from "./dom.js";

// timePicker calls pick with {range} or {from, to}, the names that the REST API has. What
// it returns shows a range that came from elsewhere, such as the address.
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
    inputs.to.setCustomValidity(from < to ? "" : "This has to be later than the beginning.");
    if (own.reportValidity()) pick({ range: "", from: from.toISOString(), to: to.toISOString() });
  });
  inputs.to.addEventListener("input", () => inputs.to.setCustomValidity(""));
  return ({ range: last, from, to }) => {
    range.value = from || to ? "own" : last;
    own.hidden = range.value !== "own";
    if (!own.hidden) [inputs.from.value, inputs.to.value] = [shown(from), shown(to)];
  };
}
