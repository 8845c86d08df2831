// The facets of a search: the values of some fields, with their number of records. A
// click requires a value, or excludes it.
"use strict";

import { button, count, el, levelClass, levelName, number } from "./dom.js";
import { has, holds, is, MOST, not } from "./clauses.js";

const TITLES = { streams: "role", source: "host" };
const FIXED = ["streams", "logger", "level", "source"];
const SHOWN = 200; // names of fields

export class Facets {
  // act has the actions: toggle(part) changes the query, stream(title) changes
  // the stream, facet(name) and column(name) show or hide a facet or column,
  // more() loads more values.
  constructor(box, act) {
    Object.assign(this, { box, act });
    this.open = new Map(); // whether each group is open
    this.find = el("input",
      { type: "search", placeholder: "Find a field", "aria-label": "Find a field", "data-key": "find" });
  }

  // show draws an answer of /api/facets. It waits while a mouse button is
  // pressed: otherwise the click would miss its target.
  show(answer, view) {
    clearTimeout(this.later);
    if (this.box.querySelector(":active")) {
      this.later = setTimeout(() => this.show(answer, view), 200);
      return;
    }
    const { q, stream, columns, top } = view;
    // Focus and scroll position stay.
    const kept = document.activeElement?.dataset?.key;
    const scroll = this.box.scrollTop;
    const sum = answer.complete ? null
      : el("p", { class: "none" }, `Counted over the newest ${count(answer.records, "record")}.`);
    this.box.replaceChildren(...[sum, ...answer.facets.map((f) => this.facet(f, q, stream, answer, top)),
      this.fields(answer, columns)].filter(Boolean));
    this.box.scrollTop = scroll;
    if (kept) [...this.box.querySelectorAll("[data-key]")].find((e) => e.dataset.key === kept)?.focus(
      { preventScroll: true });
  }

  group(name, title, open, ...children) {
    const d = el("details", { class: "facet", open: this.open.get(name) ?? open },
      el("summary", { "data-key": "group " + name }, title), ...children);
    d.addEventListener("toggle", () => this.open.set(name, d.open));
    return d;
  }

  facet(f, q, stream, answer, top) {
    const most = Math.max(1, ...f.values.map((v) => v.records));
    const items = f.values.map(({ value, records }) => this.value(f.field, value, records, records / most, q, stream));
    const part = has(f.field);
    if (f.field !== "streams" && f.missing > 0) {
      const on = holds(q, not(part)) === 1;
      items.push(el("li", {},
        button({ class: "value", "aria-pressed": String(on), "data-key": f.field + " none" },
        () => this.act.toggle(not(part)),
        el("span", { class: "name" }, "(none)"), el("span", { class: "n" }, number(f.missing)))));
    }
    const rest = f.other > 0
      ? el("p", { class: "aside" }, `${number(f.other)} with other values`,
      top < 50 ? button({ class: "quiet", "data-key": f.field + " more" }, () => this.act.more(), "show more")
      : null) : null;
    const remove = FIXED.includes(f.field) ? null
      : button({ class: "quiet", "data-key": f.field + " remove" }, () => this.act.facet(f.field), "Remove this facet");
    return this.group(f.field, el("bdi", {}, TITLES[f.field] ?? f.field), true,
      items.length ? el("ul", {}, ...items) : el("p", { class: "aside" }, "No record has this field."), rest, remove);
  }

  value(name, value, records, share, q, stream) {
    const text = name === "level" ? levelName(value) : String(value);
    const part = is(name, value);
    const state = name === "streams" ? Number(value === stream) : holds(q, part);
    const short = text.length <= MOST;
    const filter = button({ class: "value", "aria-pressed": String(state === 1), disabled: !short,
      title: short ? text : "too long for a query", "data-key": `${name} + ${text}` },
      () => name === "streams" ? this.act.stream(state ? "" : value) : this.act.toggle(part),
      name === "level" ? el("span", { class: "swatch " + levelClass(value) }) : null,
      el("bdi", { class: "name" }, text.slice(0, 200)), el("span", { class: "n" }, number(records)));
    filter.style.setProperty("--share", share.toFixed(3));
    const out = name === "streams" ||
      !short ? null : button({ class: "out", "aria-pressed": String(state === -1),
      "aria-label": `without ${name} ${text.slice(0, 200)}`, title: "without", "data-key": `${name} - ${text}` },
      () => this.act.toggle(not(part)), "−");
    return el("li", {}, filter, out);
  }

  // fields lists the names of all fields, each of which can be a facet and a
  // column.
  fields(answer, columns) {
    const shown = new Set(answer.facets.map((f) => f.field));
    const list = el("ul", { class: "names" });
    const fill = () => {
      const wanted = this.find.value.trim().toLowerCase();
      const names = answer.fields.filter((f) => String(f.value).toLowerCase().includes(wanted));
      list.replaceChildren(...names.slice(0, SHOWN).map(({ value: name, records }) => el("li", {},
        el("bdi", { class: "name", title: name }, name), el("span", { class: "n" }, number(records)),
        button({ class: "out", "aria-pressed": String(shown.has(name)), "aria-label": "facet of " + name,
          title: "facet", "data-key": "facet " + name, disabled: FIXED.includes(name) },
          () => this.act.facet(name), "Σ"),
        button({ class: "out", "aria-pressed": String(columns.includes(name)), "aria-label": "column of " + name,
          title: "column", "data-key": "column " + name }, () => this.act.column(name), "▤"))));
      if (names.length > SHOWN) list.append(el("li", { class: "aside" },
        `and ${number(names.length - SHOWN)} more: type part of the name`));
    };
    this.find.oninput = fill;
    fill();
    return this.group(" fields", `fields (${number(answer.fields.length)})`, true, this.find, list);
  }
}
