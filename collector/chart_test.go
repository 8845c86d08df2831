package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/internal/browsertest"
)

// pictures is where tests write what they have seen. It is not in the
// repository; docs has copies of some.
const pictures = "../bin/pictures"

const chartPage = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Charts</title>
<link rel="stylesheet" href="/assets/page.css">
<script type="module" src="/charts.js"></script></head>
<body><main><div class="grid">
<section class="card widget" style="grid-column: 1 / span 6; grid-row: span 4"><h2>Lines</h2><div class="widget-body" id="line"></div></section>
<section class="card widget" style="grid-column: 7 / span 6; grid-row: span 4"><h2>Stacked</h2><div class="widget-body" id="stack"></div></section>
<section class="card widget" style="grid-column: 1 / span 6; grid-row: span 4"><h2>Side by side</h2><div class="widget-body" id="group"></div></section>
<section class="card widget" style="grid-column: 7 / span 6; grid-row: span 4"><h2>Pie</h2><div class="widget-body" id="pie"></div></section>
</div></main></body></html>`

// chartScript draws four charts of the same numbers. One series has a name that
// is hostile.
const chartScript = `import * as chart from "/assets/chart.js";
window.chart = chart;
const from = Date.UTC(2026, 0, 2, 3, 0, 0), interval = 10000;
const times = Array.from({length: 12}, (_, i) => from + i * interval);
const series = [
  {name: "TTP_a", values: times.map((_, i) => i)},
  {name: "<script>document.title='hacked'</scr" + "ipt>", values: times.map((_, i) => i === 5 ? null : 20 - i)},
];
window.base = {times, interval, from, to: from + 12 * interval, series};
const $ = (id) => document.getElementById(id);
window.all = (more = {}) => {
  chart.draw($("line"), {...base, ...more, kind: "line"});
  chart.draw($("stack"), {...base, ...more, kind: "bar", stacked: true});
  chart.draw($("group"), {...base, ...more, kind: "bar", stacked: false});
  chart.draw($("pie"), {kind: "pie", slices: [{name: "TTP_a", value: 3}, {name: "WKR_b", value: 1}]});
};
all();
window.ready = true;`

func TestCharts(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/assets/", serveAsset)
	mux.HandleFunc("/charts.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, chartScript)
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, chartPage) })
	server := httptest.NewServer(mux)
	defer server.Close()

	page := browsertest.New(t, 1200, 800)
	page.Open(server.URL)
	page.Until("the charts are drawn", `window.ready`)
	for _, tt := range []struct {
		name, script string
		want         any
	}{
		{"lines", `return document.querySelectorAll("#line path.stroke").length`, 2.0},
		{"points of a short line", `return document.querySelectorAll("#line g.c1 circle").length`, 11.0},
		{"bars, but none for nothing and for zero", `return document.querySelectorAll("#stack rect").length`, 22.0},
		{"stacked bars are on top of each other", `const [a, b] = document.querySelectorAll("#stack rect.c0, #stack rect.c1:nth-of-type(n)");
			const top = [...document.querySelectorAll("#stack rect")].filter(r => r.getAttribute("x") === document.querySelectorAll("#stack rect")[3].getAttribute("x"));
			return top.length`, 2.0},
		{"grouped bars are beside each other", `return new Set([...document.querySelectorAll("#group rect")].map(r => r.getAttribute("x"))).size`, 22.0},
		{"slices", `return [...document.querySelectorAll("#pie .share")].map(e => e.textContent)`, []any{"75.0 %", "25.0 %"}},
		{"legend", `return [...document.querySelectorAll("#line .key")].map(e => e.textContent)`, []any{"TTP_a", "<script>document.title='hacked'</script>"}},
		{"a name is text", `return document.title`, "Charts"},
		{"numbers for a screen reader", `return [...document.querySelectorAll("#line .for-readers tbody tr:nth-child(6) td")].map(e => e.textContent)`, []any{"5", "–"}},
		{"its label", `return document.querySelector("#pie svg").getAttribute("aria-label")`, "Pie chart of TTP_a, WKR_b. The arrow keys go through its values."},

		{"tooltip", `const svg = document.querySelector("#line svg"), box = svg.getBoundingClientRect();
			svg.dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + 52 + (box.width - 62) * 3.5 / 12, clientY: box.top + 40}));
			return [...document.querySelectorAll("#line .tip b")].map(e => e.textContent)`, []any{"17", "3"}},
		{"it leaves with the pointer", `document.querySelector("#line svg").dispatchEvent(new PointerEvent("pointerleave")); return document.querySelector("#line .tip").hidden`, true},
		{"arrow keys", `const svg = document.querySelector("#line svg"); svg.focus();
			for (const key of ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"]) svg.dispatchEvent(new KeyboardEvent("keydown", {key}));
			return [...document.querySelectorAll("#line .tip b")].map(e => e.textContent)`, []any{"19", "1"}},
		{"a new drawing keeps tooltip and focus", `all(); return [document.activeElement === document.querySelector("#line svg"),
			...[...document.querySelectorAll("#line .tip b")].map(e => e.textContent)]`, []any{true, "19", "1"}},
		{"tooltip of a slice", `const svg = document.querySelector("#pie svg"), box = svg.getBoundingClientRect();
			svg.dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + box.width / 2 + box.height * 0.33, clientY: box.top + box.height / 2}));
			return document.querySelector("#pie .tip").textContent`, "TTP_a75.0 %3"},

		{"the legend switches off", `document.querySelector("#stack .key").click(); return document.querySelectorAll("#stack rect").length`, 11.0},
		{"also for the next drawing", `all(); return [document.querySelectorAll("#stack rect").length, document.querySelector("#stack .key").getAttribute("aria-pressed")]`, []any{11.0, "false"}},
		{"and on", `document.querySelector("#stack .key").click(); return document.querySelectorAll("#stack rect").length`, 22.0},
		{"nothing at all", `all({times: [], series: []}); return document.querySelectorAll("rect, path.stroke").length`, 0.0},
		{"one value", `all({times: base.times.slice(0, 1), series: [{name: "a", values: [7]}]}); return document.querySelectorAll("rect").length`, 2.0},

		{"numbers of an axis", `return [0, 7, 1234, 12345, 1.5e6, 25276510208, 0.25, 0.00001, -3e6, NaN, null].map(chart.format)`,
			[]any{"0", "7", "1234", "12.3 k", "1.5 M", "25.3 G", "0.25", "0", "-3 M", "–", "–"}},
		{"round marks", `return [chart.ticks(0, 9, 5), chart.ticks(0, 100, 4), chart.ticks(-3, 7, 4), chart.ticks(0, 0, 4)]`,
			[]any{[]any{0.0, 2.0, 4.0, 6.0, 8.0, 10.0}, []any{0.0, 25.0, 50.0, 75.0, 100.0}, []any{-5.0, -2.5, 0.0, 2.5, 5.0, 7.5}, []any{0.0, 0.25, 0.5, 0.75, 1.0}}},
		{"round times", `const {step, all} = chart.timeTicks(base.from + 1, base.to, 5); return [step, all.length, all[0] - base.from]`, []any{30000.0, 4.0, 30000.0}},
	} {
		if diff := cmp.Diff(tt.want, page.Eval(tt.script)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if tt.name == "arrow keys" {
			page.Picture(filepath.Join(pictures, "charts.png"))
		}
	}
	if _, err := os.Stat(filepath.Join(pictures, "charts.png")); err != nil {
		t.Error(err)
	}
}
