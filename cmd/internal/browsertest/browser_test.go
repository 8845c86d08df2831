package browsertest

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	_ "github.com/aimakerspace/synlogger/internal/golden"
)

const testPage = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Test</title>
<style>body { margin: 0 } #pad { width: 200px; height: 100px; background: #ccc; touch-action: none }</style></head>
<body><p>Text of the page.</p><input id="name" aria-label="Name"><button id="more">More</button><div id="pad"></div>
<script>
window.events = [];
for (const kind of ["pointerdown", "pointermove", "pointerup"]) {
	pad.addEventListener(kind, (e) => events.push([kind, e.pointerType, e.buttons]));
}
addEventListener("keydown", (e) => events.push([e.key, e.shiftKey, e.ctrlKey]));
more.addEventListener("click", () => location.search = "?more");
</script></body></html>`

func open(t *testing.T) *Page {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, testPage)
	}))
	t.Cleanup(server.Close)
	page := New(t, 640, 480)
	page.Open(server.URL)
	return page
}

func TestPage(t *testing.T) {
	page := open(t)
	check := page.Watch(page.Eval(`return location.origin`).(string))
	events := func() any {
		t.Helper()
		return page.Eval(`return events.splice(0)`)
	}
	for _, tt := range []struct {
		script string
		want   any
	}{
		{`return 1 + 2`, 3.0},
		{`return ["a", null, true]`, []any{"a", nil, true}},
		{`// nothing`, nil},
		{`return await Promise.resolve("later")`, "later"},
	} {
		if diff := cmp.Diff(tt.want, page.Eval(tt.script)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.script, diff)
		}
	}

	page.Type("#name", "Größe +1")
	page.Keys("a", "Shift+ArrowLeft", "Control+Shift+Enter", "+")
	if got := page.Eval(`return document.getElementById("name").value`); got != "Größe +1+" {
		t.Errorf("typed: %q", got)
	}
	want := []any{
		[]any{"a", false, false},
		[]any{"ArrowLeft", true, false},
		[]any{"Enter", true, true},
		[]any{"+", true, false},
	}
	if got := events().([]any); len(got) < len(want) {
		t.Errorf("keys: %v", got)
	} else if diff := cmp.Diff(want, got[len(got)-len(want):]); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}

	x, y, width, height := page.Box("#pad")
	if width != 200 || height != 100 {
		t.Errorf("the pad is %v×%v", width, height)
	}
	for _, with := range []Pointer{Mouse, Pen, Touch} {
		page.Press(with, x+10, y+10)
		page.Move(with, x+60, y+10)
		page.Release(with, x+60, y+10)
		name := string(with)
		want := []any{
			[]any{"pointerdown", name, 1.0},
			[]any{"pointermove", name, 1.0},
			[]any{"pointerup", name, 0.0},
		}
		if diff := cmp.Diff(want, events()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", with, diff)
		}
	}

	page.Allow("clipboard-read")
	const state = `return (await navigator.permissions.query({name: "clipboard-read"})).state`
	if got := page.Eval(state); got != "granted" {
		t.Errorf("the permission is %v, want granted", got)
	}
	page.Prefer("dark")
	page.Until("dark", `matchMedia("(prefers-color-scheme: dark)").matches`)
	page.Click("#more")
	page.Until("the next page", `location.search === "?more" && events.length === 0`)
	page.Reload()
	check()

	page.Offline(true)
	if got := page.Eval(`return fetch("/").then(() => "answer", () => navigator.onLine)`); got != false {
		t.Errorf("offline: fetch returned %v", got)
	}
	page.Offline(false)
	if got := page.Eval(`return fetch("/").then(r => r.status, String)`); got != 200.0 {
		t.Errorf("online: fetch returned %v", got)
	}
}

func TestPagePicture(t *testing.T) {
	page := New(t, 640, 480)
	page.Size(320, 200)
	page.Scale(2)
	got := page.Eval(`return [innerWidth, innerHeight, devicePixelRatio]`)
	if !cmp.Equal(got, []any{320.0, 200.0, 2.0}) {
		t.Errorf("width, height and scale are %v", got)
	}
	file := filepath.Join(t.TempDir(), "new", "picture.png")
	page.Picture(file)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := png.DecodeConfig(bytes.NewReader(data)); err != nil || c.Width != 640 || c.Height != 400 {
		t.Errorf("the picture is %d×%d, %v", c.Width, c.Height, err)
	}
}

// A recorder is a test that records its failures.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Error(args ...any) { r.failures = append(r.failures, fmt.Sprint(args...)) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
	panic(r)
}

// failure returns the failures of f.
func failure(t *testing.T, page *Page, f func(*Page)) (text string) {
	t.Helper()
	r := &recorder{TB: t}
	defer func() {
		if v := recover(); v != nil && v != any(r) {
			panic(v)
		}
		text = strings.Join(r.failures, "\n")
	}()
	f(page.With(r))
	return
}

func TestFailures(t *testing.T) {
	page := open(t)
	old := timeout
	t.Cleanup(func() { timeout = old })
	timeout = 100 * time.Millisecond
	for _, tt := range []struct {
		name string
		do   func(*Page)
		want []string
	}{
		{
			name: "Until is false",
			do:   func(p *Page) { p.Until("the end", `false`) },
			want: []string{"the end: false is not true", "Text of the page."},
		},
		{
			name: "Until throws",
			do:   func(p *Page) { p.Until("the end", `nothing.there`) },
			want: []string{"nothing is not defined", "Text of the page."},
		},
		{
			name: "a long page",
			do: func(p *Page) {
				p.Eval(`document.querySelector("p").textContent = "ö".repeat(1990) + "0123456789and more"`)
				p.Until("the end", `false`)
			},
			want: []string{"ö0123456789"},
		},
		{
			name: "Eval",
			do:   func(p *Page) { p.Eval(`null.x`) },
			want: []string{"TypeError"},
		},
		{
			name: "Keys",
			do:   func(p *Page) { p.Keys("Shift+Nothing") },
			want: []string{`unknown key "Shift+Nothing"`},
		},
		{
			name: "Watch",
			do: func(p *Page) {
				check := p.Watch(p.Eval(`return location.origin`).(string))
				p.Eval(`console.error("an error"); await fetch("http://127.0.0.1:1/away").catch(() => {})`)
				check()
			},
			want: []string{"console error: \"an error\"", "request to http://127.0.0.1:1/away"},
		},
	} {
		got := failure(t, page, tt.do)
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is missing in\n%s", tt.name, want, got)
			}
		}
		if strings.Contains(got, "and more") {
			t.Errorf("%s: the failure contains all of a long page", tt.name)
		}
	}
}
