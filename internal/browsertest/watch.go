package browsertest

import (
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Watch notes what a page must not do: complain in the console, throw, or ask
// another server than its own, whose URL is given. The function it returns fails
// the test with all that was seen until then.
func (p *Page) Watch(own string) (check func()) {
	p.t.Helper()
	var mu sync.Mutex
	var seen []string
	note := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, fmt.Sprintf(format, args...))
	}
	err := chromedp.Listen(p.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventConsoleAPICalled:
			if kind := string(ev.Type); kind == "error" || kind == "warning" || kind == "assert" {
				note("console %s: %s", kind, arguments(ev.Args))
			}
		case *runtime.EventExceptionThrown:
			note("exception: %s", ev.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			note("browser %s: %s %s", ev.Entry.Level, ev.Entry.Text, ev.Entry.URL)
		case *network.EventRequestWillBeSent:
			if url := ev.Request.URL; !strings.HasPrefix(url, own) && !strings.HasPrefix(url, "data:") {
				note("request to %s", url)
			}
		}
	})
	if err != nil {
		p.t.Fatalf("browsertest: watch: %v", err)
	}
	call(p, "watch", network.Enable, network.EnableParams{})
	call(p, "watch", log.Enable, struct{}{})
	return func() {
		p.t.Helper()
		mu.Lock()
		defer mu.Unlock()
		for _, line := range seen {
			p.t.Error("browsertest: ", line)
		}
	}
}

func arguments(args []*runtime.RemoteObject) string {
	var texts []string
	for _, a := range args {
		texts = append(texts, string(a.Value)+a.Description)
	}
	return strings.Join(texts, " ")
}
