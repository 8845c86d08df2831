package browsertest

import (
	"context"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
)

// Main makes the tests of a package share one browser, because starting one takes
// seconds. Call it in TestMain:
//
//	goleak.VerifyTestMain(browsertest.Main(m))
func Main(m interface{ Run() int }) *Tests {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.wanted = true
	return &Tests{m}
}

// Tests are the tests of a package that share a browser.
type Tests struct{ m interface{ Run() int } }

// Run runs the tests and stops the browser.
func (t *Tests) Run() int {
	defer shared.stop()
	return t.m.Run()
}

// shared is the shared browser of this process.
var shared sharedBrowser

type sharedBrowser struct {
	mu     sync.Mutex
	wanted bool // Main was called
	ctx    context.Context
	end    func()
}

// browser returns the shared browser, or nil without a call of Main. It starts the
// browser if it is not running.
func (s *sharedBrowser) browser(path string) (context.Context, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.wanted || s.ctx != nil && s.ctx.Err() == nil {
		return s.ctx, nil
	}
	var err error
	s.ctx, s.end, err = launch(path)
	return s.ctx, err
}

func (s *sharedBrowser) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil {
		s.end()
	}
}

// launch starts a browser.
func launch(path string) (ctx context.Context, stop func(), err error) {
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // the tests may run as root
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("disable-quic", true),
		chromedp.WSURLReadTimeout(time.Minute), // for a busy machine
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, _ = chromedp.NewContext(allocator)
	stop = func() {
		_ = chromedp.Cancel(ctx) // waits for the browser to exit; it may have crashed
		end()
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, func() {}, err
	}
	return ctx, stop, nil
}
