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

// stub stands for axe-core: it finds what it is told to.
const stub = `window.axe = {run: async () => ({violations: [
	{id: "minor-thing", impact: "moderate", help: "Not so bad", nodes: []},
	{id: "bad-thing", impact: "serious", help: "Do it better", helpUrl: "https://help", nodes:
		Array.from({length: 12}, (_, i) => ({html: "<p id=" + i + ">" + "x".repeat(1000), failureSummary: "Fix\n  this"}))},
]})};`

func barriers(t *testing.T, html string) (said string) {
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

func TestAxe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "axe.js")
	if err := os.WriteFile(file, []byte(stub), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AXE_CORE", file)
	said := barriers(t, "<p>")
	for _, want := range []string{"bad-thing, serious: Do it better (https://help)\n\t<p id=0>xxx", "…\n\t\tFix this\n\t<p id=1>", "<p id=9>", "and 2 more"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if strings.Contains(said, "minor-thing") || strings.Contains(said, "id=10") || len(said) > 5_000 {
		t.Errorf("more than is asked for:\n%s", said)
	}
}

func TestAxeItself(t *testing.T) {
	if os.Getenv("AXE_CORE") == "" {
		t.Skip("AXE_CORE is not set")
	}
	said := barriers(t, `<!DOCTYPE html><html lang="en"><title>Test</title><main><h1>Test</h1><img src="data:,"><button></button></main>`)
	for _, want := range []string{"image-alt, critical", "button-name, critical", `<button></button>`} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if said := barriers(t, `<!DOCTYPE html><html lang="en"><title>Test</title><main><h1>Test</h1></main>`); said != "" {
		t.Errorf("nothing is wrong, but:\n%s", said)
	}
}

func TestAxeIsNotThere(t *testing.T) {
	t.Setenv("AXE_CORE", "")
	for ci, want := range map[string]string{"true": "browsertest: AXE_CORE does not say where axe-core is", "": ""} {
		t.Setenv("CI", ci)
		page := &Page{t, &tab{}}
		if said := failure(t, page, func(p *Page) { Axe(p.t, p) }); said != want {
			t.Errorf("CI=%q: %q, want %q", ci, said, want)
		}
	}
}
