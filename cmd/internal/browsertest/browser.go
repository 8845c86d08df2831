// Package browsertest runs tests in a real browser.
//
// The browser is Chromium or Chrome without a window. If none is installed, the test is
// skipped. A test opens a [Page], acts on it like a user, and checks what it shows:
//
//	page := browsertest.New(t, 1200, 800)
//	page.Open(url)
//	page.Click("#more")
//	page.Until("more records", `document.querySelectorAll("tr").length > 100`)
//
// A method that fails ends the test.
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

// tabTimeout is how long a test may use a tab.
const tabTimeout = 3 * time.Minute

// commands contains the names of the browser's command on different systems.
var commands = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// A Page is a tab of a browser. Its methods must be called from the test goroutine.
type Page struct {
	t testing.TB
	*tab
}

type tab struct {
	ctx           context.Context
	width, height int64
	scale         float64
	held          bool // a button of the mouse or pen is pressed
}

// New returns a new tab of this size in CSS pixels. It shares no data with other tabs.
// The tab is closed when the test ends, and so is its browser, unless the package uses
// [Main].
func New(t testing.TB, width, height int) *Page {
	t.Helper()
	path := find()
	if path == "" {
		t.Skip("Chromium is not installed")
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
	p.ctx, cancel = context.WithTimeout(ctx, tabTimeout)
	t.Cleanup(cancel)
	// Only one tab of a browser has the focus. Emulate it in all tabs.
	call(p, "focus", emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.Size(width, height)
	return p
}

func find() string {
	for _, name := range commands {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// With returns a Page for the same tab in a subtest.
func (p *Page) With(t testing.TB) *Page { return &Page{t, p.tab} }

// Context returns the context of the tab, for other functions of chromedp.
func (p *Page) Context() context.Context { return p.ctx }

// Open opens a URL and waits until it is loaded.
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

// Scale sets the number of screen pixels per CSS pixel. It is 1 by default.
func (p *Page) Scale(factor float64) {
	p.t.Helper()
	p.scale = factor
	p.metrics()
}

func (p *Page) metrics() {
	p.t.Helper()
	p.do("size", chromedp.EmulateViewport(p.width, p.height, chromedp.EmulateScale(p.scale)))
}

// Prefer sets the preferred color scheme of the system: light or dark.
func (p *Page) Prefer(scheme string) {
	p.t.Helper()
	call(p, "prefer "+scheme, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// Allow grants permissions to pages, such as clipboard-read.
func (p *Page) Allow(names ...string) {
	p.t.Helper()
	for _, name := range names {
		call(p, "allow "+name, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted,
			BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
		})
	}
}

// Offline disconnects the page from the network, or connects it again.
func (p *Page) Offline(offline bool) {
	p.t.Helper()
	call(p, "offline", network.Enable, network.EnableParams{})
	call(p, "offline", network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{
			{Offline: offline, DownloadThroughput: -1, UploadThroughput: -1},
		},
	})
	call(p, "offline", network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: offline, DownloadThroughput: -1, UploadThroughput: -1,
	})
}

// Picture writes a screenshot of the tab to a PNG file.
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
