package contentpack

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/internal/golden"
	"github.com/aimakerspace/synlogger/role"
)

func newPack(t *testing.T, o Config) Pack {
	t.Helper()
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func packText(t *testing.T, o Config) []byte {
	t.Helper()
	text, err := newPack(t, o).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestPack(t *testing.T) {
	golden.Check(t, "testdata/pack.json", string(packText(t, Config{})))
	golden.Check(t, "testdata/pack-options.json", string(packText(t, Config{
		Bind:             "127.0.0.1",
		Ports:            map[string]int{"ttp": 19300, TestInputRole: 22201},
		TestInput:        true,
		EventAnnotations: true,
		TLS: TLS{
			Enable:     true,
			CertFile:   "/etc/graylog/tls/cert.pem",
			KeyFile:    "/etc/graylog/tls/key.pem",
			ClientAuth: ClientAuthRequired,
			ClientCAs:  "/etc/graylog/tls/clients",
		},
		Summary:   "summary",
		Vendor:    "vendor",
		URL:       "https://graylog.example",
		MinServer: "3.3.0",
		Revision:  7,
	})))
}

// TestRevision checks that a pack with another content has another revision.
func TestRevision(t *testing.T) {
	file, err := os.Open("testdata/revisions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	known := map[int]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var revision int
		var content string
		if _, err := fmt.Sscan(lines.Text(), &revision, &content); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		known[revision] = content
	}
	content := newPack(t, Config{}).Content()
	if known[Revision] != content || len(known) != Revision-1 {
		t.Errorf("the content of revision %d is %s, but %q in testdata/revisions.txt: "+
			"if that revision was released, raise Revision and add a line, otherwise correct the line",
			Revision, content, known[Revision])
	}
}

// TestContent checks that each option except the revision changes the content.
func TestContent(t *testing.T) {
	tls := func(change func(*TLS)) Config {
		o := Config{TLS: TLS{Enable: true, CertFile: "x", KeyFile: "x"}}
		change(&o.TLS)
		return o
	}
	seen := map[string]string{}
	for _, o := range []Config{
		{},
		{Bind: "::1"},
		{Ports: map[string]int{"Worker": 1}},
		{TestInput: true},
		{EventAnnotations: true},
		{Summary: "x"},
		{Vendor: "x"},
		{URL: "x"},
		{MinServer: "5.0.0"},
		tls(func(*TLS) {}),
		tls(func(t *TLS) { t.KeyFile = "y" }),
		tls(func(t *TLS) { t.ClientAuth, t.ClientCAs = ClientAuthRequired, "x" }),
	} {
		p := newPack(t, o)
		text := fmt.Sprintf("%+v", o)
		if other, ok := seen[p.Content()]; ok {
			t.Errorf("%s and %s have the same content", text, other)
		}
		seen[p.Content()] = text
		var shown struct{ Description string }
		if err := json.Unmarshal(packText(t, o), &shown); err != nil || ContentOf(shown.Description) != p.Content() {
			t.Errorf("ContentOf(%q) = %s, want %s", shown.Description, ContentOf(shown.Description), p.Content())
		}
		o.Revision = 9
		if q := newPack(t, o); q.Content() != p.Content() || q.Revision != 9 {
			t.Errorf("%s: another revision has another content", text)
		}
	}
	if got := ContentOf("Made by another program. Content 0123456789abcdef."); got != "" {
		t.Errorf("the content of another program's pack is %s", got)
	}
}

// TestIDs checks that ids are unique and have the forms that Graylog requires.
func TestIDs(t *testing.T) {
	var pack packJSON
	if err := json.Unmarshal(packText(t, Config{TestInput: true}), &pack); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, e := range pack.Entities {
		form := `^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$`
		if e.Type.Name == "stream" {
			form = `^[0-9a-f]{24}$`
		}
		if !regexp.MustCompile(form).MatchString(e.ID) || ids[e.ID] {
			t.Errorf("%s %s", e.Type.Name, e.ID)
		}
		ids[e.ID] = true
	}
	if len(ids) != 10 {
		t.Errorf("%d entities, want five inputs, four streams and a dashboard", len(ids))
	}
}

// TestOldFields checks that the pack lacks fields that are newer than Graylog 4.0,
// because an older server rejects a pack that contains them.
func TestOldFields(t *testing.T) {
	text := string(packText(t, Config{TestInput: true, EventAnnotations: true}))
	for _, field := range []string{
		"filters",
		"row_limit",
		"column_limit",
		"stream_categories",
		"favorite_fields",
		"context",
		"thresholds",
		"units",
	} {
		if strings.Contains(text, `"`+field+`"`) {
			t.Errorf("the pack has the field %s", field)
		}
	}
}

// TestWidgets checks the number of widgets and that they do not overlap.
func TestWidgets(t *testing.T) {
	widgets := 0
	for _, tab := range newDashboard(true).Tabs {
		taken := map[[2]int]string{}
		for _, w := range tab.Widgets {
			widgets++
			width := w.Position.Width
			if width == FullWidth {
				width = 12
			}
			for col := w.Position.Col; col < w.Position.Col+width; col++ {
				for row := w.Position.Row; row < w.Position.Row+w.Position.Height; row++ {
					other := taken[[2]int{col, row}]
					if other != "" || col < 1 || col > 12 || row < 1 {
						t.Fatalf("%s: %s at %s overlaps %q or the edge", tab.Title, w.Title, w.Position, other)
					}
					taken[[2]int{col, row}] = w.Title
				}
			}
		}
	}
	if widgets != 25 {
		t.Errorf("%d widgets, want the original's 21 and four more", widgets)
	}
}

func TestStreamMatches(t *testing.T) {
	p := newPack(t, Config{})
	for i, r := range role.All() {
		s := p.Streams[i]
		for logger, want := range map[string]bool{
			r.Prefix + "unit":                  true,
			"x" + r.Prefix:                     true,
			strings.ToLower(r.Prefix) + "unit": false,
			"":                                 false,
			"XYZ_unit":                         false,
		} {
			got := s.Matches(func(field string) string {
				if field == "logger" {
					return logger
				}
				return r.Prefix
			})
			if got != want || r.Matches(logger) != want {
				t.Errorf("%s: Matches returns %v for the logger %q, and Role.Matches %v; want %v",
					s.Title, got, logger, r.Matches(logger), want)
			}
		}
	}
	if (Stream{}).Matches(func(string) string { return "" }) {
		t.Error("a stream without rules matches")
	}
}
