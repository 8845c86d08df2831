// Package browsertest gives a test a real browser.
//
// It is Chromium or Chrome, without a window. Where there is none the test is
// skipped; CI installs one.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Patience is how long all that one test does in the browser may take.
const Patience = 3 * time.Minute

// names are those of the browser's command on the systems we know.
var names = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// Start returns the context of a new tab of this size in CSS pixels, for the
// functions of chromedp. The browser ends with the test.
func Start(t testing.TB, width, height int) context.Context {
	t.Helper()
	path := find()
	if path == "" {
		t.Skip("there is no Chromium")
	}
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	t.Cleanup(cancel)
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // the tests may run as root
		chromedp.WindowSize(width, height),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("disable-quic", true),
		chromedp.WSURLReadTimeout(time.Minute), // a busy machine takes its time
	)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height))); err != nil {
		t.Fatalf("browsertest: %s does not start: %v", path, err)
	}
	return ctx
}

func find() string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Picture writes what the tab shows to a file in PNG.
func Picture(t testing.TB, ctx context.Context, file string) {
	t.Helper()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		t.Fatalf("browsertest: picture %s: %v", file, err)
	}
}
