// The search: a query, the matching records with a live tail, a histogram by level,
// and facets. The address has the whole view, so a link shows the same.
"use strict";

import { Drawer } from "./drawer.js";
import { Facets } from "./facets.js";
import { histogram } from "./histogram.js";
import { keys } from "./keys.js";
import { List } from "./list.js";
import { onStats, say, start, empty } from "./shell.js";
import { Tail } from "./tail.js";
import { timePicker } from "./times.js";
import { toggle, words } from "./clauses.js";
import { addressOf, read } from "./view.js";
import { $, ask, count, el, mark, number, search } from "./dom.js";

const PENDING = 1000; // records that are kept while the tail is paused
const EVERY = 5000; // milliseconds between two updates of histogram and facets
const CUT = 300; // characters of a message in the list

let view = read();
let asked = 0; // answers to earlier requests are dropped
let stuck = true; // the list is at its end
let pending = { events: [], records: 0, lost: false };
let stale = false; // records arrived since the last update of the histogram
let timer = 0;
let started = false;

const address = (change = {}) => addressOf({ ...view, ...change });

// go changes the view, and starts a search if the conditions change. With replace, the
// browser's history does not get an entry.
function go(change, { replace = false } = {}) {
  const before = view;
  const url = address(change);
  history[replace ? "replaceState" : "pushState"](null, "", url);
  view = read();
  update(before);
}

const SEARCHED = ["q", "stream", "level", "range", "from", "to", "columns"];

function update(before) {
  const changed = (...names) => names.some((n) => view[n] !== before[n]);
  controls();
  if (changed(...SEARCHED)) run();
  else if (changed("facets", "values")) overview();
  if (changed("record")) detail();
  if (changed("paused", "wrap")) follow();
}

const columns = () => view.columns.split(",").filter(Boolean);
const facetNames = () => view.facets.split(",").filter(Boolean);
const live = () => !view.from && !view.to;
const following = () => live() && !view.paused && !drawer.isOpen && stuck && list.more && !list.more.newer;

// selected returns the parameters of the REST API that select records.
function selected() {
  const s = { q: view.q, stream: view.stream, level: view.level };
  if (view.from || view.to) Object.assign(s, { from: view.from, to: view.to });
  else if (view.range !== "0") s.range = view.range;
  return s;
}

const shown = () => ({ fields: ["logger", ...columns()].join(","), cut: CUT });

// page loads records: the newest before an id, or the oldest after an id.
async function page({ before, after, limit }) {
  const order = after ? "oldest" : "newest";
  const answer = await ask("api/search?" + search({ ...selected(), ...shown(), before, after, limit, order }));
  const records = order === "newest" ? answer.records.reverse() : answer.records;
  return { records, more: Boolean(answer.before ?? answer.after) };
}

const list = new List($("rows"), {
  ask: page,
  open: (id) => go({ record: String(id) }, { replace: drawer.isOpen }),
  href: (id) => address({ record: String(id) }),
  scrolled() {
    const was = stuck;
    stuck = list.atBottom && !list.more?.newer;
    if (stuck && !was && following()) flush();
    if (stuck !== was) follow();
  },
});

const tail = new Tail({
  url: (after) => "api/tail?" + search({ q: view.q, stream: view.stream, level: view.level, ...shown(), after }),
  receive(event, after) {
    stale = true;
    if (following()) show(event, after);
    else wait(event, after);
  },
  state(state) {
    tailState = state;
    follow();
    // Loads what arrived between the answer and the tail, because no
    // record has an id to start at.
    if (state === "live" && list.size === 0) catchUp();
  },
});
let tailState = "live";

async function catchUp() {
  const mine = asked;
  try {
    const answer = await page({ limit: 100 });
    if (mine === asked && answer.records.length > 0) show({ records: answer.records, skipped: 0 }, 0);
  } catch { /* the next event tells */ }
}

function show(event, after) {
  if (event.skipped > 0 && event.records.length > 0 && list.size > 0) list.gap(event.skipped, after,
    event.records[0].id);
  list.append(event.records);
  list.toBottom();
}

// wait keeps the records that arrive while the tail is paused. Beyond a bound it only
// counts them; they are loaded later.
function wait(event, after) {
  pending.records += event.records.length + event.skipped;
  if (pending.records > PENDING || list.more?.newer) {
    pending.lost = true;
    pending.events = [];
  } else {
    pending.events.push([event, after]);
  }
  follow();
}

function flush() {
  const was = pending;
  pending = { events: [], records: 0, lost: false };
  if (was.lost || list.more?.newer) {
    run({ quiet: true });
    return;
  }
  for (const [event, after] of was.events) show(event, after);
  follow();
}

// resume moves to the end of the list and follows the tail.
function resume() {
  stuck = true;
  if (view.record || view.paused) go({ record: "", paused: "" }, { replace: true });
  if (list.more?.newer) pending.lost = true;
  flush();
  list.toBottom();
  follow();
}

// follow shows whether the list follows the tail.
function follow() {
  $("rows").classList.toggle("wrap", view.wrap !== "");
  $("wrap").setAttribute("aria-pressed", String(view.wrap !== ""));
  const b = $("follow");
  b.disabled = !live();
  b.textContent = view.paused ? "Resume" : "Pause";
  b.setAttribute("aria-pressed", String(view.paused !== ""));
  b.title = live() ? "space" : "A range with a fixed end has no tail.";
  const fresh = $("fresh");
  fresh.hidden = pending.records === 0;
  if (pending.records > 0) fresh.textContent = `${number(pending.records)} new ↓`;
  if (!live() || tailState === "closed") say("still", live() ? "" : "the range has a fixed end");
  else if (tailState === "stopped") say("stopped", "the collector does not answer");
  else say(following() ? "live" : "paused");
}

const NOTHING = "No record matches. " +
  "Adjacent words are alternatives: write AND between them to find records with all of them.";

// run runs the search.
async function run({ quiet = false } = {}) {
  const mine = ++asked;
  tail.close();
  tailState = "closed";
  clearTimeout(timer);
  pending = { events: [], records: 0, lost: false };
  list.setColumns(columns());
  list.words = words(view.q);
  $("results").setAttribute("aria-busy", "true");
  try {
    const at = quiet ? 0 : Number(view.record);
    const older = await page({ limit: 100, before: at ? at + 1 : undefined });
    const newer = at ? await page({ limit: 50, after: at }) : { records: [], more: false };
    if (mine !== asked) return;
    complain(null);
    list.reset({ records: [...older.records, ...newer.records], more: older.more, end: !newer.more }, NOTHING);
    mark("listed");
    if (at) {
      list.reveal(at, "center");
      stuck = false;
    } else {
      stuck = true;
    }
    if (live()) {
      tailState = "live";
      tail.open(list.last);
    }
    overview();
  } catch (error) {
    if (mine !== asked) return;
    complain(error);
    list.reset({ records: [], more: false, end: true });
    $("total").textContent = "";
  } finally {
    if (mine === asked) $("results").removeAttribute("aria-busy");
  }
  follow();
}

// complain shows the error of the query, and its position.
function complain(error) {
  const box = $("wrong"), input = $("q");
  box.hidden = !error;
  input.toggleAttribute("aria-invalid", Boolean(error));
  if (!error) return;
  const parts = [];
  if (error.position !== undefined) {
    const at = new TextDecoder().decode(new TextEncoder().encode(view.q).slice(0, error.position)).length;
    const [char] = view.q.slice(at) || " ";
    parts.push(el("pre", { class: "pointer" }, view.q.slice(0, at), el("mark", {}, char),
      view.q.slice(at + char.length)));
    input.setSelectionRange(at, at + char.length);
  }
  box.replaceChildren(...parts, el("p", {}, error.message.replace(/^bad query: /, "")));
}

// overview loads histogram and facets, and repeats that while records arrive.
async function overview() {
  clearTimeout(timer);
  const mine = asked, began = performance.now();
  stale = false;
  const now = Date.now();
  try {
    const [table, facets] = await Promise.all([
      ask("api/histogram?" + search(selected())),
      ask("api/facets?" + search({ ...selected(), fields: view.facets, size: view.values })),
    ]);
    if (mine !== asked) return;
    const total = histogram(table, view, now, (range) => go({ range: "", ...range }));
    $("total").textContent = `${count(total, "record")} ${total === 1 ? "matches" : "match"}`;
    facetBox.show(facets, { q: view.q, stream: streamTitle(), columns: columns(), top: Number(view.values) });
    mark("drawn");
  } catch (error) {
    if (mine !== asked) return;
    $("total").textContent = error.message;
  }
  const rest = Math.max(EVERY, 4 * (performance.now() - began));
  const again = () => {
    // A range that ends now changes even without new records.
    timer = setTimeout(() => (stale || view.range > 0) && !document.hidden ? overview() : again(), rest);
  };
  if (live()) again();
}

const streamTitle = () => $("stream").selectedOptions[0]?.value ? $("stream").selectedOptions[0].textContent : "";

const without = (names, name) => names.includes(name) ? names.filter((n) => n !== name) : [...names, name];

const act = {
  toggle: (clauses) => go({ q: [clauses].flat().reduce(toggle, view.q), record: "" }),
  stream: (title) => go(
    { stream: [...$("stream").options].find((o) => o.textContent === title && o.value)?.value ?? "", record: "" }),
  facet: (name) => go({ facets: without(facetNames(), name).join(",") }, { replace: true }),
  column: (name) => ["message", "timestamp"].includes(name) ||
    go({ columns: without(columns(), name).join(",") }, { replace: true }),
  more: () => go({ values: "50" }, { replace: true }),
  open: (id) => {
    list.reveal(id, "nearest");
    go({ record: String(id) }, { replace: true });
  },
  close,
  step,
};

const facetBox = new Facets($("facets"), act);
const drawer = new Drawer($("drawer"), act);
const narrow = matchMedia("(max-width: 60rem)");

// detail opens the details of the record in the address, or closes them.
function detail(byKey = false) {
  const id = Number(view.record);
  document.body.classList.toggle("has-drawer", id > 0);
  for (const e of document.querySelectorAll("header, .find > :not(#body), #facets, #results")) e.inert = id > 0 &&
    narrow.matches;
  if (id > 0) drawer.show(id, byKey || narrow.matches);
  else drawer.close();
  if (list.current !== id && id > 0) list.mark(id);
  follow();
}

function close() {
  if (!drawer.isOpen) return false;
  const id = drawer.id;
  go({ record: "" }, { replace: true });
  list.rows.get(id)?.link.focus({ preventScroll: true });
  if (following()) flush();
  return true;
}

function step(n) {
  const focus = $("drawer").contains(document.activeElement);
  const id = list.move(n, !focus);
  if (id && drawer.isOpen) go({ record: String(id) }, { replace: true });
}

function pause() {
  if (!live()) return;
  if (view.paused) resume();
  else go({ paused: "1" }, { replace: true });
}

// controls shows the view in the form.
function controls() {
  if (document.activeElement !== $("q") || $("q").value.trim() !== view.q) $("q").value = view.q;
  $("stream").value = view.stream;
  $("level").value = view.level;
  showTimes(view);
  document.title = (view.q || "Search") + " · Synergos Logs";
  const fields = ["timestamp", ...columns(), "message"].join(",");
  for (const format of ["ndjson", "csv"]) {
    $("export-" + format).href = "api/export?" +
      search({ ...selected(), format, fields: format === "csv" ? fields : "" });
  }
}

const showTimes = timePicker((range) => go({ ...range, record: "" }));

$("search").addEventListener("submit", (e) => {
  e.preventDefault();
  const change = { q: $("q").value.trim(), stream: $("stream").value, level: $("level").value, record: "" };
  if (["q", "stream", "level"].every((n) => change[n] === view[n])) run();
  else go(change);
});
for (const id of ["stream", "level"]) $(id).addEventListener("change", () => go({ [id]: $(id).value, record: "" }));
$("follow").addEventListener("click", pause);
$("fresh").addEventListener("click", resume);
$("wrap").addEventListener("click", () => go({ wrap: view.wrap ? "" : "1" }, { replace: true }));
$("filters").addEventListener("click", () => {
  const on = document.body.classList.toggle("has-facets");
  $("filters").setAttribute("aria-expanded", String(on));
  if (on) $("facets").querySelector("summary")?.focus();
});
addEventListener("popstate", () => {
  const before = view;
  view = read();
  update(before);
});
narrow.addEventListener("change", () => detail());
// A list that is at its end stays there when its size changes.
new ResizeObserver(() => stuck && following() && list.toBottom()).observe($("rows"));

keys([
  { keys: ["/"], text: "edit the query", act: () => { $("q").focus(); $("q").select(); } },
  { keys: ["j", "ArrowDown"], text: "next record", act: () => step(1) },
  { keys: ["k", "ArrowUp"], text: "previous record", act: () => step(-1) },
  { keys: ["Enter"], text: "details of the record", act: () => {
    if (!document.activeElement.closest?.("a.open") &&
      !(document.activeElement === document.body && list.current)) return false;
    const id = Number(document.activeElement.closest?.("tr")?.dataset.id ?? list.current);
    list.mark(id);
    history[drawer.isOpen ? "replaceState" : "pushState"](null, "", address({ record: String(id) }));
    view = read();
    detail(true);
  } },
  { keys: ["Escape"], text: "close the details", always: true, act: close },
  { keys: [" "], text: "pause or resume the tail", act: pause },
  { keys: ["End", "G"], text: "go to the newest records", act: resume },
  { keys: ["w"], text: "wrap long lines", act: () => $("wrap").click() },
]);

function begin() {
  started = true;
  controls();
  run();
  if (view.record) detail();
}

let running = ""; // start time of the collector

start();
if (!empty()) begin();
onStats((stats) => {
  const other = running !== "" && running !== stats.started;
  running = stats.started;
  if (!started) {
    if (!empty()) begin();
  } else if (other || stats.records === 0 && list.size > 0) {
    run(); // the collector was restarted, or all records were deleted
  }
});
