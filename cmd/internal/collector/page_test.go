package collector

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestViews(t *testing.T) {
	c := start(t, Options{})
	inline := regexp.MustCompile(`(?i)<script(?:>| [^>]*>[^<])|\son[a-z]+=|\sstyle=|javascript:`)
	for _, v := range pageViews {
		target := strings.TrimPrefix(v.Path, ".")
		if !strings.HasPrefix(target, "/") {
			target = "/" + target
		}
		status, page := get(t, c, target)
		if status != 200 {
			t.Fatalf("%s: status %d", target, status)
		}
		if m := inline.FindString(page); m != "" {
			t.Errorf("%s has an inline script or style, which the policy forbids: %s", target, m)
		}
		page = html.UnescapeString(page)
		for _, want := range []string{
			"Nothing has arrived yet", `Server: "` + inputAddr(t, c, "TTP Logs") + `"`, "nc -w 1 127.0.0.1 ",
			`src="assets/` + v.Name + `.js"`, `href="` + v.Path + `" aria-current="page"`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %q", target, want)
			}
		}
		for _, m := range regexp.MustCompile(`(?:src|href)="(assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
			if status, _ := get(t, c, "/"+m[1]); status != 200 {
				t.Errorf("%s: status %d", m[1], status)
			}
		}
	}
	// The streams stand in the order of the dashboard's tabs.
	_, page := get(t, c, "/search")
	last := 0
	for _, st := range c.Streams() {
		at := strings.Index(page, `<option value="`+st.Name+`">`+st.Title)
		if at <= last {
			t.Errorf("%s stands before the one that it follows, or is missing", st.Title)
		}
		last = at
	}

	send(t, c, "TTP Logs", frame("TTP_a", "first"))
	await(t, c, Query{}, 1)
	if _, page := get(t, c, "/"); !strings.Contains(page, `id="first" hidden`) {
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

func TestRate(t *testing.T) {
	var r rate
	at := func(s float64) time.Time { return time.UnixMilli(1_000_000 + int64(s*1000)) }
	for i := range 20 {
		r.add(at(float64(i)/2), 50)
	}
	for _, tt := range []struct{ at, want float64 }{{10, 100}, {10.9, 100}, {12, 60}, {14, 20}, {15, 0}, {1000, 0}} {
		if got := r.read(at(tt.at)); got != tt.want {
			t.Errorf("rate at %v s is %v, want %v", tt.at, got, tt.want)
		}
	}
}
