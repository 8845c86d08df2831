package web_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
)

// A pickTest has the chart of levels. Each bar is one second.
type pickTest struct {
	*testing.T
	page *browsertest.Page
}

// bar returns the position of the middle of a bar.
func (t pickTest) bar(n float64) (x, y float64) {
	left, top, width, height := t.page.Box("#levels svg")
	return left + 52 + (width-62)*(n+0.5)/60, top + height/2
}

func (t pickTest) press(with browsertest.Pointer, bar float64) {
	t.Helper()
	x, y := t.bar(bar)
	if with != browsertest.Touch {
		t.page.Move(with, x, y)
	}
	t.page.Press(with, x, y)
}

func (t pickTest) move(with browsertest.Pointer, bar float64) {
	t.Helper()
	x, y := t.bar(bar)
	t.page.Move(with, x, y)
}

func (t pickTest) release(with browsertest.Pointer, bar float64) {
	t.Helper()
	x, y := t.bar(bar)
	t.page.Release(with, x, y)
}

// picked checks the ranges picked since its last call: from and to, in seconds, in
// pairs.
func (t pickTest) picked(what string, want ...float64) {
	t.Helper()
	pairs := []any{}
	for i := 0; i < len(want); i += 2 {
		pairs = append(pairs, []any{want[i], want[i+1]})
	}
	if diff := cmp.Diff(pairs, t.page.Eval(`return picked.splice(0)`)); diff != "" {
		t.Errorf("%s picks (-want +got):\n%s", what, diff)
	}
}

// brushed checks which bars the brush covers. Without bars, it checks that there is no
// brush. Touch events take effect with the next frame.
func (t pickTest) brushed(what string, want ...any) {
	t.Helper()
	if want == nil {
		want = []any{}
	}
	got := t.page.Eval(`await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame);
		const brush = document.querySelector("#levels .brush");
		if (getComputedStyle(brush).visibility === "hidden") return [];
		const b = brush.getBBox(), bar = (document.querySelector("#levels svg").clientWidth - 62) / 60;
		return [b.x, b.x + b.width].map((x) => Math.round((x - 52) / bar * 10) / 10)`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: the brush (-want +got):\n%s", what, diff)
	}
}

func TestChartPickRange(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	p := pickTest{t, page}
	const mouse = browsertest.Mouse

	p.press(mouse, 7)
	p.release(mouse, 7)
	p.picked("a click", 7, 8)
	p.press(mouse, 42)
	p.release(mouse, 42)
	p.picked("a click on nothing")
	for _, with := range []browsertest.Pointer{mouse, browsertest.Pen, browsertest.Touch} {
		p.press(with, 10)
		p.move(with, 15)
		p.brushed(string(with), 10.0, 16.0)
		p.move(with, 20.2)
		p.brushed(string(with), 10.0, 21.0)
		p.picked(string(with) + " that is not lifted")
		p.release(with, 20.2)
		p.picked(string(with), 10, 21)
		p.brushed(string(with) + " after it")
	}
	p.press(mouse, 20)
	p.move(mouse, 4)
	p.release(mouse, 4)
	p.picked("to the left", 4, 21)
	p.press(mouse, 50)
	p.move(mouse, 80)
	p.release(mouse, 80)
	p.picked("beyond the edge", 50, 60)

	// New data arrive meanwhile.
	p.press(mouse, 30)
	p.move(mouse, 33)
	page.Eval(`levels()`)
	p.brushed("drawn again", 30.0, 34.0)
	p.move(mouse, 40)
	page.Eval(`levels({}, 5)`)
	p.brushed("five seconds later", 25.0, 41.0)
	p.release(mouse, 41)
	p.picked("from where it began to where it ends", 30, 47)
	page.Eval(`levels()`)

	p.press(mouse, 20)
	p.move(mouse, 30)
	for _, scheme := range []string{"dark", "light"} {
		page.Prefer(scheme)
		page.Picture(filepath.Join(pictures, "chart-pick-"+scheme+".png"))
	}
	page.Keys("Escape")
	p.brushed("Escape")
	p.move(mouse, 35)
	p.brushed("a move after Escape")
	p.release(mouse, 35)
	p.picked("an abandoned drag")
}

// A vertical swipe scrolls the page.
func TestChartPickScroll(t *testing.T) {
	page := openCharts(t, 1200, 500)
	p := pickTest{t, page}
	x, y := p.bar(20)
	page.Press(browsertest.Touch, x, y)
	for i := range 20 {
		page.Move(browsertest.Touch, x+float64(i)/2, y-float64(5*i))
	}
	page.Release(browsertest.Touch, x, y)
	page.Until("the page has scrolled", `scrollY > 0`)
	p.picked("scrolling")
	p.brushed("scrolling")
}

func TestChartPickKeys(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	p := pickTest{t, page}
	page.Keys("Tab")
	look{
		"the first that has the focus",
		`return document.activeElement === document.querySelector("#levels svg")`,
		true,
	}.check(t, page)
	page.Keys("ArrowRight", "ArrowRight", "ArrowRight", "Enter")
	p.picked("Enter", 2, 3)
	page.Keys("ArrowRight", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
	p.brushed("Shift", 1.0, 4.0)
	look{
		"what is said of it",
		`return document.querySelector("#levels [role=status] .tip-head").textContent.slice(-16)`,
		"– 01-02 03:00:04",
	}.check(t, page)
	page.Eval(`levels({}, 1)`)
	p.brushed("drawn again a second later", 0.0, 3.0)
	page.Eval(`levels()`)
	page.Keys("Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowLeft")
	p.brushed("to the other side, and no farther", 0.0, 2.0)
	page.Keys("Enter")
	p.picked("a selection", 0, 2)
	p.brushed("picked")
	page.Keys("ArrowLeft", "Shift+ArrowLeft", "Escape")
	p.brushed("Escape")
	page.Keys("Enter")
	p.picked("Escape")
	page.Keys("ArrowLeft", "Shift+ArrowLeft", "ArrowLeft")
	p.brushed("an arrow alone")
}

func TestChartWithoutPick(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	p := pickTest{t, page}
	label := look{
		"label",
		`return document.querySelector("#levels svg").getAttribute("aria-label")`,
		"" +
			"Bar chart of emergency, alert, critical, error, warning, notice, info, debug, none. " +
			"The arrow keys go through its values. With Shift they select a range of time. Enter applies it, Escape cancels it.",
	}
	label.check(t, page)
	look{"role", `return document.querySelector("#levels svg").getAttribute("role")`, "application"}.check(t, page)
	page.Eval(`levels({pick: undefined})`)
	label.want = "Bar chart of emergency, alert, critical, error, warning, notice, info, debug, none. The arrow keys " +
		"go through its values."
	label.check(t, page)
	look{"role", `return document.querySelector("#levels svg").getAttribute("role")`, "img"}.check(t, page)
	p.press(browsertest.Mouse, 10)
	p.move(browsertest.Mouse, 20)
	p.brushed("a drag")
	p.release(browsertest.Mouse, 20)
	page.Keys("Shift+ArrowRight", "Enter")
	p.brushed("Shift")
	p.picked("nothing")
}
