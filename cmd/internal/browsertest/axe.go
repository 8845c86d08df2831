package browsertest

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// Axe checks the accessibility of the current state of a page with axe-core. It fails
// the test for each serious or critical violation. AXE_CORE contains the path of
// axe.min.js. Without it, Axe does nothing, but fails in CI.
func Axe(t testing.TB, p *Page) {
	t.Helper()
	p = p.With(t)
	path := os.Getenv("AXE_CORE")
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Error("browsertest: AXE_CORE is not set: set it to the path of axe.min.js")
		} else {
			t.Log("browsertest: no accessibility check: set AXE_CORE to the path that .ci/axe prints")
		}
		return
	}
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("browsertest: %v", err)
	}
	// The content security policy of the page does not apply to this script.
	p.do("axe-core", chromedp.Evaluate[chromedp.Void](string(script)))
	for _, v := range p.Eval(axeRun).([]any) {
		t.Error("browsertest: accessibility: ", v)
	}
}

// axeRun returns a text for each violation, with its elements.
const axeRun = `
	const {violations} = await axe.run(document, {resultTypes: ["violations"]});
	const limit = (text, n) => text.length > n ? text.slice(0, n) + "…" : text;
	const maxNodes = 10;
	const describe = (n) => "\n\t" + limit(n.html, 200) +
		"\n\t\t" + limit((n.failureSummary || "").replace(/\s+/g, " "), 300);
	return violations.filter((v) => ["serious", "critical"].includes(v.impact)).map((v) =>
		v.id + ", " + v.impact + ": " + v.help + " (" + v.helpUrl + ")" +
		v.nodes.slice(0, maxNodes).map(describe).join("") +
		(v.nodes.length > maxNodes ? "\n\tand " + (v.nodes.length - maxNodes) + " more" : ""));`
