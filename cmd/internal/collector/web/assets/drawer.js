// The details of a record: all its fields with their types, its findings, and the
// records logged just before and after it.
"use strict";

import { ask, badge, button, copy, el, levelName, localTime, search, shortTime } from "./dom.js";
import { is, MOST, not } from "./clauses.js";

const CUT = 10000; // characters of a text at first
const LONG = 400; // characters of a field from which on it scrolls

export class Drawer {
  // act has the actions: toggle(parts) changes the query, column(name) and
  // facet(name) change the view, open(id) opens another record, close() closes
  // the details, step(n) opens the nth next record of the list.
  constructor(box, act) {
    Object.assign(this, { box, act });
    this.id = 0;
    this.among = "all";
  }

  get isOpen() { return this.id !== 0; }

  close() {
    this.id = 0;
    this.box.hidden = true;
    this.box.replaceChildren();
  }

  async show(id, focus = false) {
    this.id = id;
    this.box.hidden = false;
    await this.load(CUT, focus);
  }

  // load loads the record. Texts are truncated to cut characters; 0 means no
  // limit.
  async load(cut, focus = false) {
    const id = this.id;
    this.cut = cut;
    let d;
    try {
      d = await ask(`api/records/${id}/details?` + search({ cut, near: 5, among: this.among }));
    } catch (error) {
      if (id === this.id) this.fill(null, el("p", { class: "alarm", role: "alert" }, error.message));
      return;
    }
    if (id !== this.id) return;
    const kept = this.box.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const same = this.shown === id;
    const scroll = this.box.scrollTop;
    this.fill(d, this.findings(d.record), ...this.texts(d.record), this.fields(d), this.near(d));
    this.box.scrollTop = same ? scroll : 0;
    this.shown = id;
    if (focus) this.box.querySelector("h2").focus({ preventScroll: true });
    else if (kept) this.box.querySelector(`[data-key="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
  }

  fill(d, ...parts) {
    const r = d?.record;
    const status = el("span", { class: "for-readers", role: "status" });
    const copier = (key, label, path) => button({ class: "quiet", "data-key": key }, async (e) => {
      try {
        const response = await fetch(path, { cache: "no-store" });
        if (!response.ok) throw new Error("the record no longer exists");
        await copy(await response.text());
        status.textContent = label + ": copied";
        e.target.textContent = "Copied";
      } catch (error) {
        status.textContent = e.target.textContent = "Not copied: " + error.message;
      }
      setTimeout(() => { e.target.textContent = label; }, 2000);
    }, label);
    const head = el("div", { class: "drawer-head" },
      el("h2", { tabindex: "-1" }, r ? "Record " + r.id : "Record"),
      button({ class: "quiet", "data-key": "previous", title: "previous record (k)", "aria-label": "previous record" },
        () => this.act.step(-1), "↑"),
      button({ class: "quiet", "data-key": "next", title: "next record (j)", "aria-label": "next record" },
        () => this.act.step(1), "↓"),
      button({ class: "quiet", "data-key": "close", title: "close (Esc)", "aria-label": "close" },
        () => this.act.close(), "✕"));
    const line = r && el("p", { class: "drawer-line" }, badge(r.level),
      el("time", { datetime: r.timestamp }, localTime(r.timestamp)), el("bdi", { class: "logger" }, r.logger ?? ""));
    const tools = r && el("div", { class: "tools" },
      copier("json", "Copy as JSON", `api/records/${r.id}`),
      copier("gelf", "Copy as GELF", `api/records/${r.id}/gelf`),
      el("a", { class: "quiet", href: `api/records/${r.id}`, target: "_blank", rel: "noopener", "data-key": "raw" },
        "JSON"), status);
    this.box.replaceChildren(...[head, line, tools, ...parts].filter(Boolean));
  }

  findings(r) {
    if (!r.findings) return null;
    return el("section", { class: "findings", "aria-labelledby": "findings-title" },
      el("h3", { id: "findings-title" }, "Not stored as sent"),
      el("ul", {}, ...r.findings.map((f) => el("li", {}, el("span", { class: "act " + f.action }, f.action), " ",
        el("code", {}, el("bdi", {}, f.field)), " ", el("bdi", {}, f.reason)))));
  }

  texts(r) {
    const text = (name, value) => {
      if (!value) return null;
      const cut = this.cut > 0 && [...value].length >= this.cut;
      return el("section", { class: "long", "aria-label": name },
        el("h3", {}, name.replace("_", " "), " ", ...this.filters(name, value)),
        el("pre", { class: "text", tabindex: "0" }, el("bdi", {}, value)),
        cut ? button({ class: "quiet", "data-key": "whole" }, () => this.load(0), "Show all") : null);
    };
    return [text("message", r.message), text("full_message", r.full_message)];
  }

  // filters returns the buttons that require a value, or exclude it.
  filters(name, value) {
    const texts = name === "streams" ? value.split(", ") : [value];
    if (texts.some((t) => t.length > MOST) || /message$/.test(name) && !/[\p{L}\p{N}]/u.test(value)) return [];
    const parts = texts.map((t) => is(name, t));
    return [
      button({ class: "out", "data-key": `+ ${name}`, title: "only with this value",
        "aria-label": `only with this ${name}` }, () => this.act.toggle(parts), "+"),
      button({ class: "out", "data-key": `- ${name}`, title: "without this value",
        "aria-label": `without this ${name}` }, () => this.act.toggle(parts.map(not)), "−"),
    ];
  }

  fields(d) {
    const rows = d.fields.map((f) => el("tr", {},
      el("th", { scope: "row" }, el("bdi", {}, f.name), el("span", { class: "type" }, f.type)),
      el("td", {}, el("bdi", f.value.length > LONG ? { class: "much", tabindex: "0" } : {},
        f.name === "level" ? `${f.value} ${levelName(Number(f.value))}` : f.value),
        f.cut ? el("span", { class: "soft" }, " … truncated") : null),
      el("td", { class: "do" }, ...(f.cut ? [] : this.filters(f.name, f.value)),
        button({ class: "out", "data-key": "column " + f.name, title: "as a column",
          "aria-label": "column of " + f.name }, () => this.act.column(f.name), "▤"),
        button({ class: "out", "data-key": "facet " + f.name, title: "as a facet", "aria-label": "facet of " + f.name,
          disabled: f.name === "timestamp" }, () => this.act.facet(f.name), "Σ"))));
    return el("section", { "aria-label": "Fields" }, el("h3", {}, `Fields (${d.fields.length})`),
      el("table", { class: "fields" },
        el("thead", { class: "for-readers" },
        el("tr", {}, el("th", { scope: "col" }, "field and type"), el("th", { scope: "col" }, "value"),
        el("th", { scope: "col" }, "actions"))), el("tbody", {}, ...rows)));
  }

  // near lists the nearest records by timestamp.
  near(d) {
    const choice = el("select", { "aria-label": "Nearest among", "data-key": "among" },
      ...[["all", "all records"], ["source", "records of this host"],
        ["logger", "records of this logger"]].map(([value, text]) => el("option",
        { value, selected: value === this.among }, text)));
    choice.addEventListener("change", () => {
      this.among = choice.value;
      this.load(CUT);
    });
    const item = (r) => el("li", {}, button({ "data-key": "near " + r.id }, () => this.act.open(r.id),
      el("time", {}, shortTime(r.timestamp)), badge(r.level), el("bdi", { class: "logger" }, r.logger ?? r.source),
        el("bdi", { class: "text" }, r.message)));
    const list = [...d.before.map(item),
      el("li", { "aria-current": "true", class: "here" }, el("span", {}, "this record")), ...d.after.map(item)];
    return el("section", { "aria-labelledby": "near-title" },
      el("h3", { id: "near-title" }, "Before and after ", choice), el("ol", { class: "near" }, ...list));
  }
}
