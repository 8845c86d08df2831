// The state of the collector: its inputs, the store and its retention, refused frames,
// and a button that deletes all records.
"use strict";

import { keys } from "./keys.js";
import { onStats, say, start } from "./shell.js";
import { $, ago, ask, bytes, count, el, number, shortTime, localTime, span } from "./dom.js";

const cell = (text, kind) => el("td", kind ? { class: kind } : {}, text);

// withExtra returns a number, followed by a second number and its meaning if the second
// is not zero.
const withExtra = (n, more, kind) => number(n) + (more ? `, ${number(more)} ${kind}` : "");

function inputs(stats) {
  $("inputs").replaceChildren(...stats.inputs.map((i) => el("tr", {},
    el("th", { scope: "row" }, el("span", { class: i.running ? "dot" : "dot down" }), i.title,
      el("span", { class: "for-readers" }, i.running ? " is receiving" : " is not running")),
    cell(el("code", {}, i.addr)), cell(number(i.records), "n"), cell(withExtra(i.refused, i.skipped, "skipped"), "n"),
      cell(bytes(i.bytes), "n wide"),
    cell(withExtra(i.open, i.rejected, "rejected"), i.rejected ? "n wide err" : "n wide"))));
}

function streams(stats) {
  $("streams").replaceChildren(...stats.streams.filter((s) => s.records > 0 || s.rules?.length > 0 ||
    s.name !== "Default").map((s) => el("tr", {},
    el("th", { scope: "row" }, el("a", { href: "search?stream=" + encodeURIComponent(s.name) }, s.title)),
    cell(number(s.records), "n"), cell(number(s.errors), s.errors ? "n err" : "n"),
      cell(number(s.warnings), s.warnings ? "n warn" : "n"))));
}

function store(stats) {
  const r = stats.retention;
  const share = Math.min(1, stats.records / r.max_records);
  const line = (name, ...value) => [el("dt", {}, name), el("dd", {}, ...value)];
  const meter = el("meter",
    { min: "0", max: "1", value: String(share), "aria-label": "records stored, relative to the limit" });
  $("store").replaceChildren(
    ...line("Records", `${number(stats.records)} of at most ${number(r.max_records)} `, meter),
    ...line("Age", stats.oldest ? `the oldest arrived ${ago(stats.oldest)}; ` : "",
      r.max_age_seconds ? `kept for ${span(r.max_age_seconds)}` : "no limit of age"),
    ...line("Size", `${bytes(stats.store_bytes)} on disk, at most ${bytes(r.max_bytes)}`),
    ...line("Kept", stats.persistent ? "in a directory that outlives the collector"
      : "until the collector ends; use --dir to keep the records"),
    ...line("Deleted", `${count(stats.pruned, "record")} since the start, by retention or by hand`),
    ...line("Waiting", `${count(stats.queued, "record")} for the next batch`),
    ...line("Started", `${localTime(stats.started)}, ${ago(stats.started)}`));
  $("clear").disabled = stats.records === 0;
  held = stats.records;
}
let held = 0;

function refused(stats) {
  const list = stats.newest_refused ?? [];
  $("refused").hidden = list.length === 0;
  const box = $("refused-list");
  const key = list[0]?.time ?? "";
  if (box.dataset.key === key || box.matches(":hover, :focus-within") && box.dataset.key) return;
  box.dataset.key = key;
  box.replaceChildren(...list.map((r) => el("details", { class: "rec" },
    el("summary", {}, el("time", { datetime: r.time }, shortTime(r.time)), el("span", { class: "logger" }, r.input),
      el("span", { class: "text" }, el("bdi", {}, r.reason))),
    el("p", { class: "aside" }, `${count(r.bytes, "byte")} from ${r.remote_ip} port ${r.remote_port}`),
    r.snippet ? el("pre", { class: "text", tabindex: "0" }, el("bdi", {}, r.snippet)) : null)));
}

$("clear").addEventListener("click", () => {
  $("clear-what").textContent = `This deletes ${count(held, "record")}. It cannot be undone.`;
  $("clear-result").textContent = "";
  $("clear-ask").returnValue = "";
  $("clear-ask").showModal();
});
$("clear-ask").addEventListener("close", async () => {
  if ($("clear-ask").returnValue !== "delete") return;
  const result = $("clear-result");
  result.textContent = "Deleting…";
  try {
    const answer = await ask("api/clear",
      { method: "POST", headers: { "Content-Type": "application/json", "X-Requested-By": "page" },
      body: JSON.stringify({ confirm: "clear" }) });
    result.textContent = `${count(answer.cleared, "record")} deleted.`;
  } catch (error) {
    result.textContent = "Nothing was deleted: " + error.message;
  }
});

keys([{ keys: ["/"], text: "edit the query", act: () => { location.href = "search"; } }]);
onStats((stats) => {
  for (const draw of [inputs, streams, store, refused]) draw(stats);
  say(stats.store_error ? "stopped" : "live");
});
start();
