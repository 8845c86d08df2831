package browsertest

import (
	"context"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
)

// Main makes the tests of a package share one browser, which takes seconds to
// start. It is for TestMain:
//
//	goleak.VerifyTestMain(browsertest.Main(m))
func Main(m interface{ Run() int }) *Tests {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	shared.wanted = true
	return &Tests{m}
}

// Tests are those of a package that shares a browser.
type Tests struct{ m interface{ Run() int } }

// Run runs the tests, and ends the browser.
func (t *Tests) Run() int {
	defer shared.stop()
	return t.m.Run()
}

// shared is the browser of this process, if the package has a Main.
var shared share

type share struct {
	mu     sync.Mutex
	wanted bool
	ctx    context.Context
	end    func()
}

// browser returns the browser that is shared, nil if none is to be. One that died
// is started again.
func (s *share) browser(path string) (context.Context, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.wanted || s.ctx != nil && s.ctx.Err() == nil {
		return s.ctx, nil
	}
	var err error
	s.ctx, s.end, err = launch(path)
	return s.ctx, err
}

func (s *share) stop() {
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
		chromedp.WSURLReadTimeout(time.Minute), // a busy machine takes its time
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, _ = chromedp.NewContext(allocator)
	stop = func() {
		_ = chromedp.Cancel(ctx) // waits for its end; it may have died
		end()
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, func() {}, err
	}
	return ctx, stop, nil
}
