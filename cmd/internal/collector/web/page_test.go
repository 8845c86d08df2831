package web_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/web"
)

func TestPages(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	inline := regexp.MustCompile(`(?i)<script(?:>| [^>]*>[^<])|\son[a-z]+=|\sstyle=|javascript:`)
	for _, v := range web.PageViews {
		target := strings.TrimPrefix(v.Path, ".")
		if !strings.HasPrefix(target, "/") {
			target = "/" + target
		}
		status, page := collectortest.Get(t, c, target)
		if status != 200 {
			t.Fatalf("%s: status %d", target, status)
		}
		if m := inline.FindString(page); m != "" {
			t.Errorf("%s has an inline script or style, which the policy forbids: %s", target, m)
		}
		page = html.UnescapeString(page)
		for _, want := range []string{
			"Nothing has arrived yet", `Server: "` + collectortest.InputAddr(
				t,
				c,
				"TTP Logs",
			) + `"`, "nc -w 1 127.0.0.1 ",
			`src="assets/` + v.Name + `.js"`, `href="` + v.Path + `" aria-current="page"`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q", target, want)
			}
		}
		for _, m := range regexp.MustCompile(`(?:src|href)="(assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
			if status, _ := collectortest.Get(t, c, "/"+m[1]); status != 200 {
				t.Errorf("%s: status %d", m[1], status)
			}
		}
	}
	// The streams are in the order of the dashboard's tabs.
	_, page := collectortest.Get(t, c, "/search")
	last := 0
	for _, st := range c.Streams() {
		at := strings.Index(page, `<option value="`+st.Name+`">`+st.Title)
		if at <= last {
			t.Errorf("%s is missing, or not in the order of the tabs", st.Title)
		}
		last = at
	}

	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "first"))
	collectortest.Await(t, c, search.Query{}, 1)
	if _, page := collectortest.Get(t, c, "/"); !strings.Contains(page, `id="first" hidden`) {
		t.Error("what to paste is shown although a record is there")
	}
	r, err := http.Post(c.PageURL()+"search", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST to a view: %v", r.Status)
	}
}
