package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeAxe replaces axe-core. It returns two violations.
const fakeAxe = `window.axe = {run: async () => ({violations: [
	{id: "minor-thing", impact: "moderate", help: "Not so bad", nodes: []},
	{id: "bad-thing", impact: "serious", help: "Do it better", helpUrl: "https://help", nodes:
		Array.from({length: 12}, (_, i) => ({
			html: "<p id=" + i + ">" + "x".repeat(1000),
			failureSummary: "Fix\n  this",
		}))},
]})};`

// violations returns the failures of Axe for a page.
func violations(t *testing.T, html string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'")
		fmt.Fprint(w, html)
	}))
	t.Cleanup(server.Close)
	page := New(t, 640, 480)
	page.Open(server.URL)
	return failure(t, page, func(p *Page) { Axe(p.t, p) })
}

func TestAxePrintsViolations(t *testing.T) {
	file := filepath.Join(t.TempDir(), "axe.js")
	if err := os.WriteFile(file, []byte(fakeAxe), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AXE_CORE", file)
	got := violations(t, "<p>")
	for _, want := range []string{
		"bad-thing, serious: Do it better (https://help)\n\t<p id=0>xxx",
		"…\n\t\tFix this\n\t<p id=1>",
		"<p id=9>",
		"and 2 more",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "minor-thing") || strings.Contains(got, "id=10") || len(got) > 5_000 {
		t.Errorf("too many violations or elements:\n%s", got)
	}
}

func TestRealAxe(t *testing.T) {
	if os.Getenv("AXE_CORE") == "" {
		t.Skip("AXE_CORE is not set")
	}
	const before, after = `<!DOCTYPE html><html lang="en"><title>Test</title><main><h1>Test</h1>`, `</main>`
	got := violations(t, before+`<img src="data:,"><button></button>`+after)
	for _, want := range []string{"image-alt, critical", "button-name, critical", `<button></button>`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if got := violations(t, before+after); got != "" {
		t.Errorf("violations in an accessible page:\n%s", got)
	}
}

func TestWithoutAxe(t *testing.T) {
	t.Setenv("AXE_CORE", "")
	for ci, want := range map[string]string{
		"true": "browsertest: AXE_CORE is not set: set it to the path of axe.min.js",
		"":     "",
	} {
		t.Setenv("CI", ci)
		page := &Page{t, &tab{}}
		if got := failure(t, page, func(p *Page) { Axe(p.t, p) }); got != want {
			t.Errorf("CI=%q: %q, want %q", ci, got, want)
		}
	}
}
