package browsertest

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// Axe looks for barriers in what a page shows now: each one that axe-core calls
// serious or critical fails the test. AXE_CORE says where axe.min.js is. Without
// it nothing is looked for, except in CI, where that fails.
func Axe(t testing.TB, p *Page) {
	t.Helper()
	p = p.With(t)
	path := os.Getenv("AXE_CORE")
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Error("browsertest: AXE_CORE does not say where axe-core is")
		} else {
			t.Log("browsertest: barriers are not looked for: AXE_CORE is not set, which is $(.ci/axe)")
		}
		return
	}
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("browsertest: %v", err)
	}
	// A page's own policy has no say in what comes from here.
	p.do("axe-core", chromedp.Evaluate[chromedp.Void](string(script)))
	for _, v := range p.Eval(axeRun).([]any) {
		t.Error("browsertest: barrier: ", v)
	}
}

// axeRun says of each barrier which it is, and at which elements.
const axeRun = `
	const {violations} = await axe.run(document, {resultTypes: ["violations"]});
	const cut = (text, n) => text.length > n ? text.slice(0, n) + "…" : text;
	const most = 10;
	return violations.filter((v) => ["serious", "critical"].includes(v.impact)).map((v) =>
		v.id + ", " + v.impact + ": " + v.help + " (" + v.helpUrl + ")" +
		v.nodes.slice(0, most).map((n) => "\n\t" + cut(n.html, 200) + "\n\t\t" + cut((n.failureSummary || "").replace(/\s+/g, " "), 300)).join("") +
		(v.nodes.length > most ? "\n\tand " + (v.nodes.length - most) + " more" : ""));`
