package web_test

import (
	"path/filepath"
	"testing"
)

// Charts stay within their plot, whatever the names, the numbers, and how many there
// are.
func TestChartManySeries(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	page.Eval(`
		window.many = Array.from({length: 10000}, (_, i) => "node-" + i);
		window.began = performance.now();
		all({series: many.map((name, i) => ({name, values: base.times.map((_, t) => (i + t) % 7)}))});
		chart.draw(document.getElementById("pie"), {kind: "pie", slices: many.map((name, i) => ({name, value: 10000 - i}))});
		window.took = performance.now() - began;`)
	for _, l := range []look{
		{"legends", `return ["line", "stack", "group", "pie"].map((id) => {
			const legend = document.querySelector("#" + id + " .legend");
			return [legend.children.length, legend.lastChild.textContent, legend.offsetHeight < 60,
				legend.lastChild.getBoundingClientRect().bottom <= legend.getBoundingClientRect().bottom];
		})`, []any{
			[]any{31.0, "and 9,970 more", true, true}, []any{31.0, "and 9,970 more", true, true},
			[]any{31.0, "and 9,970 more", true, true}, []any{31.0, "and 9,970 more", true, true},
		}},
		{"the rest has its share of the height", `const first = [...document.querySelectorAll("#stack rect")].map((e) =>
			[e.getBBox(), e]).filter(([b], _, all) => b.x === all[0][0].x);
			const sum = first.reduce((n, [b]) => n + b.height, 0), rest = first.find(([, e]) =>
			e.classList.contains("rest"))[0].height;
			return rest / sum > 0.98`, true},
		{
			"elements",
			`return ["line", "stack", "group", "pie"].map((id) =>
				document.getElementById(id).querySelectorAll("*").length < 2000)`,
			[]any{true, true, true, true},
		},
		{"a whole stays whole", `const values = (i) => many.reduce((sum, _, n) => sum + (n + i) % 7, 0);
			document.querySelector("#stack svg").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));
			const cells = [...document.querySelectorAll("#stack .for-readers tbody tr:first-child td")].map((e) =>
			Number(e.textContent.replaceAll(",", "")));
			return [cells.length, cells.reduce((a, b) => a + b) - values(0),
			document.querySelectorAll("#stack rect.rest").length]`,
			[]any{31.0, 0.0, 12.0}},
		{
			"the rest of a tooltip",
			`const lines = [...document.querySelectorAll("#stack .tip-line")]; return [lines.length, lines[0].textContent]`,
			[]any{12.0, "9,970 more29,909"},
		},
		{
			"the rest of a pie",
			`return [document.querySelectorAll("#pie .slice").length,
				document.querySelector("#pie .for-readers tbody tr:last-child").textContent]`,
			[]any{31.0, "9,970 more49,705,435"},
		},
		{
			"label",
			`return document.querySelector("#pie svg").getAttribute("aria-label").slice(0, 110)`,
			"Pie chart of node-0, node-1, node-2, node-3, node-4, node-5, node-6, node-7, node-8, node-9 and 9,990 more. Th",
		},
		{"time, generously", `return took < 5000`, true},
	} {
		l.check(t, page)
	}
	page.Picture(filepath.Join(pictures, "charts-many.png"))
}

func TestChartNumbers(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	// within reports whether everything drawn is inside the plot.
	page.Eval(`window.within = (id) => {
		const svg = document.querySelector("#" + id + " svg"), height = svg.clientHeight;
		const boxes = [...svg.querySelectorAll("rect, .stroke, .slice, .scale text")].map((e) => [e.getBBox(), e]);
		return boxes.filter(([b]) => !(b.x >= -0.5 && b.y >= -6 && b.height >= 0 && b.x + b.width <= svg.clientWidth + 0.5 &&
		b.y + b.height <= height + 0.5)).map(([, e]) => e.outerHTML);
	};
	window.values = (...values) => all({series: [{name: "a", values}, {name: "b", values: values.map((v) => -v / 2)}]});`)
	for _, l := range []look{
		{"1e18", `values(1e18, 5e17, 1); return [within("line"), within("stack"), within("group"),
			document.querySelector("#line .scale text").textContent,
			document.querySelector("#line .for-readers td").textContent]`,
			[]any{[]any{}, []any{}, []any{}, "-500 P", "1,000,000,000,000,000,000"}},
		{"all that there is", `values(Number.MAX_VALUE, -Number.MAX_VALUE, Infinity, -Infinity, NaN, Number.MIN_VALUE);
			return [within("line"), within("stack"), within("group")]`, []any{[]any{}, []any{}, []any{}}},
		{
			"hardly anything",
			`values(5e-324, 1e-200); return [within("line"), within("stack")]`,
			[]any{[]any{}, []any{}},
		},
		{
			"no numbers",
			`all({series: [{name: "a", values: ["7", undefined, {}, null, 0]}]});
				return [document.querySelectorAll("#stack rect").length,
				document.querySelector("#stack .for-readers td").textContent]`,
			[]any{0.0, "–"},
		},
		{"below zero", `values(-4, 4); const [a, b, c, d] = [...document.querySelectorAll("#stack rect")].map((e) =>
			e.getBBox());
			const zero = Number(document.querySelector("#stack .zero-line").getAttribute("y1")), near = (a, b) =>
			Math.abs(a - b) < 0.3;
			return [near(a.y + a.height, zero), near(b.y, zero), near(c.y + c.height, zero), near(d.y, zero),
				near(a.height * 2, b.height)]`,
			[]any{true, true, true, true, true}},
		{
			"side by side, too",
			`return [...document.querySelectorAll("#group rect")].map((e) => Math.round(e.getBBox().height / 10) > 0)`,
			[]any{true, true, true, true},
		},
		{"a slice below zero is none", `chart.draw(document.getElementById("pie"), {kind: "pie",
			slices: [{name: "a", value: -1}, {name: "b", value: 1e18}, {name: "c", value: NaN}]});
			return [document.querySelectorAll("#pie .slice").length, within("pie")]`, []any{1.0, []any{}}},
		{
			"numbers of an axis",
			`return [1e18, 2.5e20, 1e21, -1e30, -0, -0.00001].map(chart.format)`,
			[]any{"1 E", "250 E", "1e21", "-1e30", "0", "0"},
		},
		{
			"two thousand years",
			`const {all} = chart.timeTicks(-62135596800000, base.from, 8); return all.length <= 9`,
			true,
		},
	} {
		l.check(t, page)
		if l.name == "side by side, too" {
			page.Picture(filepath.Join(pictures, "charts-negative.png"))
		}
	}
}

func TestChartNames(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	page.Eval(`
		const names = ["", "  ", "مستشفى المدينة", "\u202egnp.exe", "plain", "plain", "x".repeat(5000)];
		all({series: names.map((name, i) => ({name, values: base.times.map(() => i + 1)}))});
		chart.draw(document.getElementById("pie"), {kind: "pie", slices: names.map((name, i) => ({name, value: i + 1}))});
		document.querySelector("#line svg").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));`)
	for _, l := range []look{
		{
			"empty names",
			`return [...document.querySelectorAll("#line .key")].slice(0, 2).map((e) => e.textContent)`,
			[]any{"(none)", "(none)"},
		},
		{
			"each has a key",
			`return ["line", "pie"].map((id) => document.querySelectorAll("#" + id + " .key").length)`,
			[]any{7.0, 7.0},
		},
		{"nothing but the name turns around", `return [...document.querySelectorAll("#line .tip-line")].every((e) =>
			e.querySelector("bdi").getBoundingClientRect().right <= e.querySelector("b").getBoundingClientRect().left &&
			e.querySelector(".swatch").getBoundingClientRect().right <= e.querySelector("bdi").getBoundingClientRect().left)`,
			true},
		{
			"a long name is cut",
			`return [document.querySelector("#line .tip").offsetWidth < 400, document.documentElement.scrollWidth]`,
			[]any{true, 1200.0},
		},
		{"names that are the same are switched off together", `document.querySelectorAll("#stack .key")[4].click();
			return [[...document.querySelectorAll("#stack .key")].map((e) => e.getAttribute("aria-pressed")),
			document.querySelectorAll("#stack rect.c4, #stack rect.c5").length]`,
			[]any{[]any{"true", "true", "true", "true", "false", "false", "true"}, 0.0}},
		{"a tooltip of a long name", `document.querySelector("#pie svg").dispatchEvent(new KeyboardEvent("keydown",
			{key: "ArrowLeft"}));
			return [document.querySelector("#pie .tip").offsetHeight < 250, document.documentElement.scrollWidth]`,
			[]any{true, 1200.0}},
	} {
		l.check(t, page)
	}
	page.Picture(filepath.Join(pictures, "charts-names.png"))
}
