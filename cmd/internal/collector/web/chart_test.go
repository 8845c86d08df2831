package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/web"
)

// pictures is the directory for screenshots of the tests. It is not in the repository;
// docs has copies of some.
const pictures = "../../../../bin/pictures"

const chartPage = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Charts</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/assets/page.css">
<script type="module" src="/charts.js"></script></head>
<body><main><h1>Charts</h1>
<section class="card widget" id="levels-card"><h2>Levels</h2><div class="widget-body" id="levels"></div></section>
<div class="grid">
<section class="card widget"><h2>Lines</h2><div class="widget-body" id="line"></div></section>
<section class="card widget"><h2>Stacked</h2><div class="widget-body" id="stack"></div></section>
<section class="card widget"><h2>Side by side</h2><div class="widget-body" id="group"></div></section>
<section class="card widget"><h2>Pie</h2><div class="widget-body" id="pie"></div></section>
</div></main></body></html>`

// chartScript draws four charts of the same numbers, one with a hostile name. A
// further chart has records by level, as on the search page.
const chartScript = `import * as chart from "/assets/chart.js";
window.chart = chart;
const $ = (id) => document.getElementById(id);
document.querySelectorAll(".grid > .card").forEach((e, i) => {
  e.style.gridColumn = (i % 2 ? 7 : 1) + " / span 6";
  e.style.gridRow = "span 4";
  e.style.setProperty("--rows", 4);
});
$("levels-card").style.height = "10rem";

const from = Date.UTC(2026, 0, 2, 3, 0, 0), interval = 10000;
const times = Array.from({length: 12}, (_, i) => from + i * interval);
const series = [
  {name: "TTP_a", values: times.map((_, i) => i)},
  {name: "<script>document.title='hacked'</scr" + "ipt>", values: times.map((_, i) => i === 5 ? null : 20 - i)},
];
window.base = {times, interval, from, to: from + 12 * interval, series};
window.all = (more = {}) => {
  chart.draw($("line"), {...base, ...more, kind: "line"});
  chart.draw($("stack"), {...base, ...more, kind: "bar", stacked: true});
  chart.draw($("group"), {...base, ...more, kind: "bar", stacked: false});
  chart.draw($("pie"), {kind: "pie", slices: [{name: "TTP_a", value: 3}, {name: "WKR_b", value: 1}]});
};

// levels draws 60 spans of a second, of which the first is a few seconds after
// the base. Only every tenth has errors, and one has nothing.
window.picked = [];
window.levels = (more = {}, later = 0) => {
  const names = ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug", "none"];
  const begin = from + later * 1000, times = Array.from({length: 60}, (_, i) => begin + i * 1000);
  const many = (level, n) => n % 60 === 42 ? 0 : level < 3 ? Number(n % 20 === 7) :
    level === 3 ? Number(n % 10 === 4) : (n * (level + 3)) % 17 + level;
  chart.draw($("levels"), {kind: "bar", stacked: true, compact: true, interval: 1000, times, from: begin, to: begin +
60000,
    series: names.map((name, l) => ({name, kind: "l" + (l === 8 ? "none" : l), values: times.map((ms) => many(l,
(ms - from) / 1000))})),
    pick: (a, b) => picked.push([(a - from) / 1000, (b - from) / 1000]), ...more});
};
all();
levels();
window.ready = true;`

// openCharts opens a page of charts under the content security policy of the
// collector.
func openCharts(t *testing.T, width, height int) *browsertest.Page {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/assets/", web.ServeAsset)
	mux.HandleFunc("/charts.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, chartScript)
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'")
		fmt.Fprint(w, chartPage)
	})
	mux.HandleFunc("/favicon.ico", func(http.ResponseWriter, *http.Request) {})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	page := browsertest.New(t, width, height)
	check := page.Watch(server.URL)
	t.Cleanup(check)
	page.Open(server.URL)
	page.Until("the charts are drawn", `window.ready`)
	return page
}

// A look is a script for a page, and the value that it must return.
type look struct {
	name, script string
	want         any
}

func (l look) check(t *testing.T, page *browsertest.Page) {
	t.Helper()
	if diff := cmp.Diff(l.want, page.Eval(l.script)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", l.name, diff)
	}
}

func TestCharts(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	for _, l := range []look{
		{"lines", `return document.querySelectorAll("#line path.stroke").length`, 2.0},
		{"points of a short line", `return document.querySelectorAll("#line g.c1 circle").length`, 11.0},
		{"bars, but none for nothing and for zero", `return document.querySelectorAll("#stack rect").length`, 22.0},
		{"stacked bars are on top of each other", `const [a,
			b] = document.querySelectorAll("#stack rect.c0, #stack rect.c1:nth-of-type(n)");
			const top = [...document.querySelectorAll("#stack rect")].filter(r =>
			r.getAttribute("x") === document.querySelectorAll("#stack rect")[3].getAttribute("x"));
			return top.length`, 2.0},
		{
			"grouped bars are side by side",
			`return new Set([...document.querySelectorAll("#group rect")].map(r => r.getAttribute("x"))).size`,
			22.0,
		},
		{
			"slices",
			`return [...document.querySelectorAll("#pie .share")].map(e => e.textContent)`,
			[]any{"75.0 %", "25.0 %"},
		},
		{
			"legend",
			`return [...document.querySelectorAll("#line .key")].map(e => e.textContent)`,
			[]any{"TTP_a", "<script>document.title='hacked'</script>"},
		},
		{"a name is text", `return document.title`, "Charts"},
		{
			"numbers for a screen reader",
			`return [...document.querySelectorAll("#line .for-readers tbody tr:nth-child(6) td")].map(e => e.textContent)`,
			[]any{"5", "–"},
		},
		{
			"its label",
			`return document.querySelector("#pie svg").getAttribute("aria-label")`,
			"Pie chart of TTP_a, WKR_b. The arrow keys go through its values.",
		},

		{"tooltip", `const svg = document.querySelector("#line svg"), box = svg.getBoundingClientRect();
			svg.dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + 52 + (box.width - 62) * 3.5 / 12,
			clientY: box.top + 40}));
			return [...document.querySelectorAll("#line .tip b")].map(e => e.textContent)`, []any{"17", "3"}},
		{
			"it leaves with the pointer",
			`document.querySelector("#line svg").dispatchEvent(new PointerEvent("pointerleave"));
				return document.querySelector("#line .tip").hidden`,
			true,
		},
		{"arrow keys", `const svg = document.querySelector("#line svg"); svg.focus();
			for (const key of ["ArrowRight", "ArrowRight", "ArrowRight",
			"ArrowLeft"]) svg.dispatchEvent(new KeyboardEvent("keydown", {key}));
			return [...document.querySelectorAll("#line .tip b")].map(e => e.textContent)`, []any{"19", "1"}},
		{"a new drawing keeps tooltip and focus", `all();
			return [document.activeElement === document.querySelector("#line svg"),
			...[...document.querySelectorAll("#line .tip b")].map(e => e.textContent)]`, []any{true, "19", "1"}},
		{"tooltip of a slice", `const svg = document.querySelector("#pie svg"), box = svg.getBoundingClientRect();
			svg.dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + box.width / 2 + box.height * 0.33,
			clientY: box.top + box.height / 2}));
			return document.querySelector("#pie .tip").textContent`, "TTP_a75.0 %3"},

		{
			"the legend switches off",
			`document.querySelector("#stack .key").click(); return document.querySelectorAll("#stack rect").length`,
			11.0,
		},
		{
			"also for the next drawing",
			`all(); return [document.querySelectorAll("#stack rect").length,
				document.querySelector("#stack .key").getAttribute("aria-pressed")]`,
			[]any{11.0, "false"},
		},
		{
			"and on",
			`document.querySelector("#stack .key").click(); return document.querySelectorAll("#stack rect").length`,
			22.0,
		},
		{
			"nothing at all",
			`all({times: [], series: []}); return document.querySelectorAll(".grid rect, .grid path.stroke").length`,
			0.0,
		},
		{
			"one value",
			`all({times: base.times.slice(0, 1), series: [{name: "a", values: [7]}]});
				return document.querySelectorAll(".grid rect").length`,
			2.0,
		},

		{"numbers of an axis", `return [0, 7, 1234, 12345, 1.5e6, 25276510208, 0.25, 0.00001, -3e6, NaN,
			null].map(chart.format)`,
			[]any{"0", "7", "1234", "12.3 k", "1.5 M", "25.3 G", "0.25", "0", "-3 M", "–", "–"}},
		{
			"round marks",
			`return [chart.ticks(0, 9, 5), chart.ticks(0, 100, 4), chart.ticks(-3, 7, 4), chart.ticks(0, 0, 4)]`,
			[]any{
				[]any{0.0, 2.0, 4.0, 6.0, 8.0, 10.0},
				[]any{0.0, 25.0, 50.0, 75.0, 100.0},
				[]any{-5.0, -2.5, 0.0, 2.5, 5.0, 7.5},
				[]any{0.0, 0.25, 0.5, 0.75, 1.0},
			},
		},
		{
			"round times",
			`const {step, all} = chart.timeTicks(base.from + 1, base.to, 5); return [step, all.length, all[0] - base.from]`,
			[]any{30000.0, 4.0, 30000.0},
		},
	} {
		l.check(t, page)
		if l.name == "arrow keys" {
			page.Picture(filepath.Join(pictures, "charts.png"))
		}
	}
}
