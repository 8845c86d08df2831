package collector

import (
	"html"
	"strings"
	"testing"
	"time"
)

func TestFirstPage(t *testing.T) {
	c := start(t, Options{})
	status, page := get(t, c, "/")
	if status != 200 {
		t.Fatalf("status %d", status)
	}
	page = html.UnescapeString(page)
	for _, want := range []string{
		"Nothing has arrived yet", `Server: "` + c.inputAddr("TTP Logs") + `"`, "nc -w 1 127.0.0.1 ",
		"Sysmetrics Stream", "Director Stream", "TTP Stream", "Worker Stream", `href="assets/page.css"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the first page", want)
		}
	}
	if strings.Contains(page, `id="Default"`) {
		t.Error("the default stream is shown without records")
	}
	// The streams stand in the order of the dashboard's tabs.
	last := 0
	for _, st := range c.Streams()[:4] {
		at := strings.Index(page, `id="`+st.Name+`"`)
		if at < last {
			t.Errorf("%s stands before the one that it follows", st.Title)
		}
		last = at
	}
}

// Values come from anywhere and are shown as what they are: text.
func TestHostilePage(t *testing.T) {
	const script, rtl = `<script>alert(1)</script>`, "\u202egnp.exe"
	c := start(t, Options{})
	send(t, c, "Test Logs",
		string(appendFields(nil, map[string]any{
			"version": "1.1", "host": script, "short_message": script + rtl, "full_message": script, "_logger": "TTP_" + script,
			"_x": `"><img src=x onerror=alert(1)>`, "_" + script: "y",
		})),
		frame("TTP_a", strings.Repeat("long ", 200_000)),
		string(appendFields(nil, map[string]any{
			"version": "1.1", "host": "h", "short_message": "wide", "_logger": "TTP_a",
			"_a": strings.Repeat("a", 30_000), "_b": strings.Repeat("b", 30_000), "_c": strings.Repeat("c", 30_000), "_d": strings.Repeat("d", 30_000),
		})),
		"refused "+script)
	await(t, c, Query{}, 3)
	for len(c.Stats().Newest) == 0 {
		time.Sleep(time.Millisecond)
	}
	for _, target := range []string{"/", "/?stream=TTP", "/?q=script", "/?q=%3Cscript%3Ealert(1)%3C/script%3E", "/?stream=%22%3E%3Cscript%3E"} {
		status, page := get(t, c, target)
		if want := 200; status != want && !strings.Contains(target, "stream=%22") {
			t.Fatalf("%s: status %d", target, status)
		}
		own := 1
		if target == "/" {
			own = 2 // the dashboard's, too
		}
		if n := strings.Count(page, "<script"); n != own {
			t.Errorf("%s: %d scripts, want the page's own", target, n)
		}
		if strings.Contains(page, "<img src=x") {
			t.Errorf("%s: an element of a value", target)
		}
		if len(page) > 200_000 {
			t.Errorf("%s: the page has %d bytes", target, len(page))
		}
	}
	_, page := get(t, c, "/?stream=TTP")
	for _, want := range []string{
		"&lt;script&gt;alert(1)&lt;/script&gt;" + rtl + "</bdi>", "Long texts are cut here", "not as sent", "What Graylog would not have stored as sent",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the page", want)
		}
	}
}

func TestSearchPage(t *testing.T) {
	c := start(t, Options{})
	frames := []string{}
	for range DefaultLimit + 5 {
		frames = append(frames, frame("WKR_a", "many"))
	}
	send(t, c, "Worker Logs", frames...)
	await(t, c, Query{}, len(frames))

	_, page := get(t, c, "/?stream=worker&q=many&level=info")
	if n := strings.Count(page, `<details class="rec"`); n != DefaultLimit {
		t.Errorf("%d records on the page, want %d", n, DefaultLimit)
	}
	for _, want := range []string{`href="?before=6&amp;level=info&amp;q=many&amp;stream=worker"`, `value="many"`, `value="Worker" selected`, `value="info" selected`, " data-live"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s on the page", want)
		}
	}
	_, page = get(t, c, "/?before=6&level=info&q=many&stream=worker")
	if n := strings.Count(page, `<details class="rec"`); n != 5 || strings.Contains(page, " data-live") {
		t.Errorf("%d older records, want 5 that stay", n)
	}
	if _, page = get(t, c, "/?q=nowhere"); !strings.Contains(page, "No record matches") {
		t.Error("a search without a match does not say so")
	}
	status, page := get(t, c, "/?level=loud")
	if status != 400 || !strings.Contains(html.UnescapeString(page), `level "loud"`) {
		t.Errorf("a bad level: status %d", status)
	}
}

func TestPageTexts(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1500: "1.5 kB", 45_056: "45 kB", 999_600: "1.0 MB", 1_234_000_000: "1.2 GB"} {
		if got := byteSize(n); got != want {
			t.Errorf("byteSize(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[string]string{"1": "1", "999": "999", "1000": "1,000", "1234567": "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%s) = %q, want %q", n, got, want)
		}
	}
	if got, whole := cutRunes("größe", 3); got != "grö…" || whole {
		t.Errorf("cutRunes = %q, %v", got, whole)
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
