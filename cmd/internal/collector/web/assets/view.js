// The view of the search page, as the address has it.
"use strict";

// VIEW has the parameters of the address with their defaults.
const VIEW = {
  q: "", stream: "", level: "", range: "0", from: "", to: "",
  columns: "level,logger,source", facets: "streams,logger,level,source", values: "10",
  record: "", paused: "", wrap: "",
};

// read returns the view of the page's address.
export function read() {
  const p = new URLSearchParams(location.search);
  const v = Object.fromEntries(Object.keys(VIEW).map((key) => [key, p.get(key) ?? VIEW[key]]));
  if (v.from || v.to) v.range = "";
  return v;
}

// addressOf returns the address of a view, without the defaults.
export function addressOf(view) {
  const v = { ...view };
  if (v.from || v.to) v.range = "";
  const p = new URLSearchParams();
  for (const [key, value] of Object.entries(v)) if (String(value) !== VIEW[key] &&
    !(key === "range" && value === "")) p.set(key, value);
  return "?" + p;
}
