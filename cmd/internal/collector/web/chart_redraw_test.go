package web_test

import (
	"path/filepath"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
)

// A chart that is redrawn every second keeps the tooltip and the focus.
func TestChartRedraw(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	p := pickTest{t, page}
	page.Eval(`
		window.disturbed = [];
		for (const kind of ["focusin", "focusout"]) document.addEventListener(kind, () => disturbed.push(kind));
		window.tip = document.querySelector("#levels .tip");
		new MutationObserver((all) => disturbed.push(...all.map((m) => m.attributeName ?? "said again"))).observe(tip,
		{attributes: true, childList: true});
		window.parts = [...document.querySelectorAll("#levels :is(.plot, svg, .tip, .legend, .key, table, td)")];
		window.again = (later = 0) => {
			disturbed.length = 0;
			for (let i = 0; i < 20; i++) levels({}, later);
		};
		window.says = () => tip.hidden ? "" : tip.querySelector(".tip-head").textContent;`)
	calm := look{"nothing is disturbed", `await new Promise(requestAnimationFrame); return disturbed`, []any{}}
	at := func(want string) look { return look{"the tooltip", `return says()`, want} }

	p.move(browsertest.Mouse, 30)
	at("01-02 03:00:30").check(t, page)
	page.Eval(`again()`)
	calm.check(t, page)
	look{"the elements stay", `const all = "#levels :is(.plot, svg, .tip, .legend, .key, table, td)";
		const now = [...document.querySelectorAll(all)];
		return now.length === parts.length && parts.every((e, i) => e === now[i])`, true}.check(t, page)
	page.Eval(`again(3)`)
	at("01-02 03:00:33").check(t, page)

	// The position of the keyboard moves with its time until the time is gone.
	page.Eval(`levels()`)
	page.Keys("Tab", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
	at("01-02 03:00:34").check(t, page)
	page.Eval(`again()`)
	calm.check(t, page)
	page.Eval(`again(20)`)
	at("01-02 03:00:34").check(t, page)
	page.Eval(`again(50)`)
	at("").check(t, page)

	// The legend keeps the focus, also when a series before it appears or disappears.
	page.Eval(`levels()`)
	page.Keys("Tab", "Tab", "Tab", "Enter")
	focus := look{
		"focus",
		`const e = document.activeElement; return [e.textContent, e.getAttribute("aria-pressed")]`,
		[]any{"critical", "false"},
	}
	focus.check(t, page)
	page.Eval(`again()`)
	calm.check(t, page)
	page.Eval(`disturbed.length = 0; levels({series: [{name: "new", kind: "lnone", values: []}, {name: "critical",
		kind: "l2", values: []}]}); levels()`)
	calm.check(t, page)
	focus.check(t, page)
}

func TestChartCompact(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	for _, l := range []look{
		{"marks", `return document.querySelectorAll("#levels .scale text[text-anchor=end]").length`, 2.0},
		{"times", `return document.querySelectorAll("#levels .scale text[text-anchor=middle]").length < 12`, true},
		{
			"a legend of one line",
			`const tops = new Set([...document.querySelectorAll("#levels .key")].map((e) => e.getBoundingClientRect().top));
				return tops.size`,
			1.0,
		},
		{"in a narrow window", `document.getElementById("levels-card").style.width = "20rem";
			await new Promise(requestAnimationFrame);
			const legend = document.querySelector("#levels .legend"), key = legend.firstChild;
			return [legend.offsetHeight < 1.3 * key.offsetHeight, legend.scrollWidth > legend.clientWidth,
			document.documentElement.scrollWidth]`,
			[]any{true, true, 1200.0}},
		{"colors of levels", `const root = getComputedStyle(document.documentElement),
			probe = document.body.appendChild(document.createElement("i"));
			return ["l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7", "lnone"].filter((kind) => {
				probe.style.color = root.getPropertyValue("--" + kind);
				return ["rect.", ".key."].some((e) =>
				getComputedStyle(document.querySelector("#levels " + e + kind)).color !== getComputedStyle(probe).color);
			})`, []any{}},
		{
			"a tooltip is not cut off",
			`document.querySelector("#levels svg").focus();
			document.querySelector("#levels svg").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));
			const b = document.querySelector("#levels .tip").getBoundingClientRect(),
			card = document.getElementById("levels-card");
			return [b.bottom > card.getBoundingClientRect().bottom, getComputedStyle(card).overflow]`,
			[]any{
				true,
				"visible",
			},
		},
		{
			"a single record can be seen",
			`return Math.min(...[...document.querySelectorAll("#levels rect.l3")].map((e) => e.getBBox().height)) >= 1.5`,
			true,
		},
		{"no bar leaves the plot", `const svg = document.querySelector("#levels svg");
			levels({from: base.from + 2500, to: base.from + 57500});
			return [...svg.querySelectorAll("rect")].every((e) => e.getBBox().x >= 52 &&
			e.getBBox().x + e.getBBox().width <= svg.clientWidth - 9.9)`,
			true},
	} {
		l.check(t, page)
	}
}

// On a large screen the root font is larger, and the chart grows with it.
func TestChartFontSize(t *testing.T) {
	page := openCharts(t, 1800, 1400)
	sizes := `const svg = document.querySelector("#levels svg"), grid = svg.querySelector(".scale line");
		const css = (e, name) => parseFloat(getComputedStyle(document.querySelector("#line " + e))[name]);
		return [grid.x1.baseVal.value, Math.round(svg.clientWidth - grid.x2.baseVal.value), css(".scale text", "fontSize"),
		css(".key", "fontSize"),
			css("path.stroke", "strokeWidth"), css("circle", "r")]`
	look{"at 16 px", sizes, []any{52.0, 10.0, 11.0, 12.48, 1.8, 2.0}}.check(t, page)
	page.Eval(`document.documentElement.style.fontSize = "24px"`)
	page.Until("it is drawn again", `document.querySelector("#levels .scale line").x1.baseVal.value === 78`)
	look{"at 24 px", sizes, []any{78.0, 15.0, 16.5, 18.72, 2.7, 3.0}}.check(t, page)
	page.Picture(filepath.Join(pictures, "charts-large.png"))
}
