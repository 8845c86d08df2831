// Package browsertest gives a test a real browser.
//
// It is Chromium or Chrome, without a window. Where there is none the test is
// skipped; CI installs one. A test opens a [Page], acts on it as a user does, and
// looks at what it shows:
//
//	page := browsertest.New(t, 1200, 800)
//	page.Open(url)
//	page.Click("#more")
//	page.Until("more records", `document.querySelectorAll("tr").length > 100`)
//
// What a page cannot do ends the test.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Patience is how long all that one test does in the browser may take.
const Patience = 3 * time.Minute

// names are those of the browser's command on the systems we know.
var names = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// Page is a tab of a browser. It belongs to the goroutine of its test.
type Page struct {
	t testing.TB
	*tab
}

type tab struct {
	ctx           context.Context
	width, height int64
	scale         float64
	held          bool // a button of the mouse or of the pen is down
}

// New returns a new tab of this size in CSS pixels, which knows nothing of others.
// It ends with the test, and so does its browser, unless the package has a [Main].
func New(t testing.TB, width, height int) *Page {
	t.Helper()
	path := find()
	if path == "" {
		t.Skip("there is no Chromium")
	}
	running, err := shared.browser(path)
	if err == nil && running == nil {
		var stop func()
		running, stop, err = launch(path)
		t.Cleanup(stop)
	}
	if err != nil {
		t.Fatalf("browsertest: %s: %v", path, err)
	}
	ctx, _ := chromedp.NewContext(running, chromedp.WithNewBrowserContext())
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil && running.Err() == nil {
			t.Errorf("browsertest: close the tab: %v", err)
		}
	})
	p := &Page{t, &tab{scale: 1}}
	var cancel context.CancelFunc
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("browsertest: new tab: %v", err)
	}
	p.ctx, cancel = context.WithTimeout(ctx, Patience)
	t.Cleanup(cancel)
	// Only one tab of a browser has the focus. Each believes that it has.
	call(p, "focus", emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.Size(width, height)
	return p
}

func find() string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// With returns the same tab for a subtest.
func (p *Page) With(t testing.TB) *Page { return &Page{t, p.tab} }

// Context is that of the tab, for what chromedp can do beyond these methods.
func (p *Page) Context() context.Context { return p.ctx }

// Open goes to an address and waits until it is loaded.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.do("open "+url, chromedp.Navigate(url))
}

// Reload loads the page again.
func (p *Page) Reload() {
	p.t.Helper()
	p.do("reload", chromedp.Reload())
}

// Size changes the size of the page, in CSS pixels.
func (p *Page) Size(width, height int) {
	p.t.Helper()
	p.width, p.height = int64(width), int64(height)
	p.metrics()
}

// Scale changes how many pixels of the screen make one of CSS, which is 1 at
// first.
func (p *Page) Scale(factor float64) {
	p.t.Helper()
	p.scale = factor
	p.metrics()
}

func (p *Page) metrics() {
	p.t.Helper()
	p.do("size", chromedp.EmulateViewport(p.width, p.height, chromedp.EmulateScale(p.scale)))
}

// Prefer makes the page believe that the system has this color scheme: light or
// dark.
func (p *Page) Prefer(scheme string) {
	p.t.Helper()
	call(p, "prefer "+scheme, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// Allow gives pages the permissions of these names, such as clipboard-read.
func (p *Page) Allow(names ...string) {
	p.t.Helper()
	for _, name := range names {
		call(p, "allow "+name, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted,
			BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
		})
	}
}

// Offline takes the network away from the page, or gives it back.
func (p *Page) Offline(offline bool) {
	p.t.Helper()
	call(p, "offline", network.Enable, network.EnableParams{})
	call(p, "offline", network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: offline, DownloadThroughput: -1, UploadThroughput: -1}},
	})
	call(p, "offline", network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: offline, DownloadThroughput: -1, UploadThroughput: -1,
	})
}

// Picture writes what the tab shows to a file in PNG.
func (p *Page) Picture(file string) {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		p.t.Fatalf("browsertest: picture %s: %v", file, err)
	}
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatalf("browsertest: %s: %v", what, err)
	}
}

func call[P, R any](p *Page, what string, command cdp.Command[P, R], params P) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, command, params); err != nil {
		p.t.Fatalf("browsertest: %s: %v", what, err)
	}
}
