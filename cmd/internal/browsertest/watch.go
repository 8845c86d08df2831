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

// Watch records errors and warnings in the console, exceptions, and requests to URLs
// that do not begin with origin. The returned function fails the test for each of them.
func (p *Page) Watch(origin string) (check func()) {
	p.t.Helper()
	var mu sync.Mutex
	var problems []string
	add := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		problems = append(problems, fmt.Sprintf(format, args...))
	}
	err := chromedp.Listen(p.ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventConsoleAPICalled:
			if kind := string(ev.Type); kind == "error" || kind == "warning" || kind == "assert" {
				add("console %s: %s", kind, arguments(ev.Args))
			}
		case *runtime.EventExceptionThrown:
			add("exception: %s", ev.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			add("browser %s: %s %s", ev.Entry.Level, ev.Entry.Text, ev.Entry.URL)
		case *network.EventRequestWillBeSent:
			if url := ev.Request.URL; !strings.HasPrefix(url, origin) && !strings.HasPrefix(url, "data:") {
				add("request to %s", url)
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
		for _, line := range problems {
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
