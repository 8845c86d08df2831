package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(Main(m)) }

// TestTabsShareBrowserOnly checks that tabs share a browser but no data.
func TestTabsShareBrowserOnly(t *testing.T) {
	a, b := open(t), open(t)
	if chromedp.FromContext(a.Context()).Browser != chromedp.FromContext(b.Context()).Browser {
		t.Error("the tabs use different browsers")
	}
	b.Open(a.Eval(`return location.href`).(string))
	a.Eval(`document.cookie = "a=1"; localStorage.a = 1`)
	if got := b.Eval(`return [document.cookie, localStorage.a ?? null]`); got.([]any)[0] != "" || got.([]any)[1] != nil {
		t.Errorf("a tab has the data of another: %v", got)
	}
}
