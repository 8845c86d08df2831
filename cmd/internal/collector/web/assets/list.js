// The list of records: a window on all matching records, the newest at the bottom.
// Scrolling loads rows at one end and drops them at the other, so the page stays
// small.
"use strict";

import { badge, button, count, el, field, localTime, marked, shortTime } from "./dom.js";

const PAGE = 100; // records per request
const MOST = 1200; // rows
const FILL = 1000; // records that one click loads into a gap
const NEAR = 500; // pixels from an end at which more records are loaded

// WIDTHS are the widths of known columns, in rem.
const WIDTHS = { level: 6.4, logger: 11, source: 8, streams: 11, gl2_remote_ip: 9, level_name: 7, seq: 6 };

export class List {
  // ask receives {before} or {after} and a limit. It returns records in
  // ascending order, and whether there are more. open is called with the id of a
  // chosen record; href returns the record's address; scrolled is called when
  // the list was scrolled.
  constructor(box, { ask, open, href, scrolled }) {
    Object.assign(this, { box, ask, open, href, scrolled });
    this.rows = new Map(); // by id, in order
    this.columns = [];
    this.words = null; // pattern that is marked in messages
    this.current = 0; // id of the current row
    this.generation = 0; // answers to earlier requests are dropped
    this.body = el("tbody");
    this.head = el("tr", { role: "row" });
    this.groups = el("colgroup");
    this.table = el("table", { class: "records", role: "table", "aria-labelledby": "results-title" }, this.groups,
      el("thead", { role: "rowgroup" }, this.head), this.body);
    this.body.setAttribute("role", "rowgroup");
    this.note = el("p", { class: "none" });
    this.top = el("p", { class: "edge" });
    box.append(this.note, this.top, this.table);
    box.addEventListener("scroll", () => this.onScroll(), { passive: true });
    this.body.addEventListener("click", (e) => this.onClick(e));
  }

  get size() { return this.rows.size; }
  get first() { return this.rows.keys().next().value ?? 0; }
  get last() { return [...this.rows.keys()].at(-1) ?? 0; }

  // atBottom reports whether the newest row is visible.
  get atBottom() { return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 8; }

  setColumns(columns) {
    this.columns = columns;
    this.groups.replaceChildren(...["timestamp", ...columns, "message"].map((name) => {
      const col = el("col");
      col.style.width = name === "timestamp" ? "7.4rem" : name === "message" ? "auto" : (WIDTHS[name] ?? 10) + "rem";
      return col;
    }));
    this.head.replaceChildren(...["time", ...columns,
      "message"].map((name) => el("th", { scope: "col", role: "columnheader" }, el("bdi", {}, name))));
    this.table.style.minWidth = 20 + columns.reduce((sum, name) => sum + (WIDTHS[name] ?? 10), 0) + "rem";
  }

  // reset shows other records.
  reset({ records, more, end }, message = "") {
    this.generation++;
    this.rows.clear();
    this.body.replaceChildren();
    this.more = { older: more, newer: !end };
    this.busy = false;
    this.add(records, true);
    this.note.textContent = records.length === 0 ? message : "";
    this.edges();
    this.toBottom();
  }

  // append adds newer records. It drops rows at the top, unless they are
  // visible.
  append(records) {
    this.add(records, true);
    if (records.length > 0) this.note.textContent = "";
    this.trim(true);
  }

  // gap adds a row for records between two ids that the list does not have. A
  // click loads them.
  gap(records, after, before) {
    const row = el("tr", { class: "gap", role: "row" });
    const part = () => records > FILL ? `the first ${FILL}` : "them";
    const label = () => `${count(records, "more record")} arrived here: show ${part()}`;
    const fill = button({ class: "quiet" }, async () => {
      fill.disabled = true;
      const generation = this.generation;
      try {
        const answer = await this.ask({ after, before, limit: FILL });
        if (generation !== this.generation) return;
        this.insert(answer.records, row, before);
        records -= answer.records.length;
        after = answer.records.at(-1)?.id ?? after;
        if (answer.more && records > 0) fill.textContent = label();
        else row.remove();
      } catch (error) {
        fill.textContent = "They cannot be loaded: " + error.message;
      }
      fill.disabled = false;
    }, label());
    row.append(el("td", { colspan: "99", role: "cell" }, fill));
    this.body.append(row);
  }

  // insert inserts records before a gap. All ids are smaller than max.
  insert(records, row, before) {
    const made = records.filter((r) => !this.rows.has(r.id)).map((r) => this.row(r));
    row.before(...made.map((m) => m.tr));
    const all = [...this.rows];
    const at = all.findIndex(([id]) => id >= before);
    all.splice(at < 0 ? all.length : at, 0, ...made.map((m) => [m.record.id, m]));
    this.rows = new Map(all);
  }

  add(records, below) {
    const made = records.filter((r) => !this.rows.has(r.id)).map((r) => this.row(r));
    const nodes = made.map((m) => m.tr);
    if (below) {
      for (const m of made) this.rows.set(m.record.id, m);
      this.body.append(...nodes);
      return;
    }
    this.rows = new Map([...made.map((m) => [m.record.id, m]), ...this.rows]);
    this.body.prepend(...nodes);
  }

  // prepend adds older records. Visible rows keep their position.
  prepend(records) {
    const from = this.box.scrollHeight - this.box.scrollTop;
    this.add(records, false);
    this.edges();
    this.box.scrollTop = this.box.scrollHeight - from;
    this.trim(false);
  }

  trim(top) {
    const over = this.rows.size - MOST;
    if (over <= 0) return;
    const from = this.box.scrollHeight - this.box.scrollTop;
    const ids = [...this.rows.keys()];
    for (const id of top ? ids.slice(0, over) : ids.slice(-over)) {
      this.rows.get(id).tr.remove();
      this.rows.delete(id);
    }
    while (this.body.firstChild?.classList.contains("gap")) this.body.firstChild.remove();
    if (top) {
      this.more.older = true;
      this.box.scrollTop = this.box.scrollHeight - from;
    } else {
      this.more.newer = true;
    }
  }

  row(record) {
    const tr = el("tr", { role: "row", "data-id": record.id });
    const link = el("a", { class: "open", href: this.href(record.id), tabindex: "-1",
      title: localTime(record.timestamp), "aria-label": "Details of the record of " + localTime(record.timestamp) },
      shortTime(record.timestamp));
    tr.append(el("td", { role: "cell", class: "time" }, link));
    for (const name of this.columns) {
      const text = name === "level" ? badge(record.level) : el("bdi", {}, field(record, name));
      tr.append(el("td", { role: "cell", class: "c-" + name.replace(/\W/g, "-"),
        title: name === "level" ? null : field(record, name).slice(0, 500) || null }, text));
    }
    const tag = record.findings
      ? el("span", { class: "tag", title: "Graylog would not store all of it as sent" },
      `${record.findings.length} not as sent`) : null;
    tr.append(el("td", { role: "cell", class: "text" }, tag, el("bdi", {}, ...marked(record.message, this.words))));
    if (record.id === this.current) tr.setAttribute("aria-current", "true");
    return { record, tr, link };
  }

  onClick(e) {
    const tr = e.target.closest("tr[data-id]");
    if (!tr || e.ctrlKey || e.metaKey || e.shiftKey) return;
    const link = e.target.closest("a");
    if (!link && !getSelection().isCollapsed) return; // the user selects text
    e.preventDefault();
    const id = Number(tr.dataset.id);
    this.mark(id);
    this.rows.get(id).link.focus({ preventScroll: true });
    this.open(id);
  }

  // mark makes a row the current one.
  mark(id) {
    this.rows.get(this.current)?.tr.removeAttribute("aria-current");
    this.current = id;
    const row = this.rows.get(id);
    this.body.querySelector('.open[tabindex="0"]')?.setAttribute("tabindex", "-1");
    row?.tr.setAttribute("aria-current", "true");
    row?.link.setAttribute("tabindex", "0");
    return row;
  }

  // move makes the next row current, or the previous row for -1. It returns the
  // row's id, 0 if there is no such row.
  move(step, focus = true) {
    const ids = [...this.rows.keys()];
    const at = ids.indexOf(this.current);
    const id = at < 0 ? ids.at(step > 0 ? 0 : -1) : ids[at + step];
    if (!id) return 0;
    this.reveal(id, "nearest");
    if (focus) this.rows.get(id).link.focus({ preventScroll: true });
    return id;
  }

  reveal(id, where) {
    this.mark(id)?.tr.scrollIntoView({ block: where });
  }

  toBottom() { this.box.scrollTop = this.box.scrollHeight; }

  onScroll() {
    this.scrolled();
    if (this.box.scrollTop < NEAR) this.load("older");
    if (this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR) this.load("newer");
  }

  async load(side) {
    if (this.busy || !this.more?.[side] || this.rows.size === 0) return;
    this.busy = true;
    const generation = this.generation;
    try {
      const answer = await this.ask(side === "older" ? { before: this.first, limit: PAGE }
        : { after: this.last, limit: PAGE });
      if (generation !== this.generation) return;
      this.more[side] = answer.more;
      if (side === "older") this.prepend(answer.records);
      else this.append(answer.records);
    } catch (error) {
      if (generation !== this.generation) return;
      this.more[side] = false;
      this.edges("More records cannot be loaded: " + error.message);
    }
    this.busy = false;
  }

  // edges sets the text above the first row.
  edges(trouble = "") {
    this.top.textContent = trouble ||
      (this.rows.size === 0 ? "" : this.more.older ? "Scroll up for older records." : "No older records match.");
  }
}
