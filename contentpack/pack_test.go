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

func packJSONOf(t *testing.T, o Options) []byte {
	t.Helper()
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestPack(t *testing.T) {
	golden.Check(t, "testdata/pack.json", string(packJSONOf(t, Options{})))
	golden.Check(t, "testdata/pack-options.json", string(packJSONOf(t, Options{
		Bind:      "127.0.0.1",
		Ports:     map[string]int{"ttp": 19300, TestInputRole: 22201},
		TestInput: true,
		TLS:       TLS{Enable: true, CertFile: "/etc/graylog/tls/cert.pem", KeyFile: "/etc/graylog/tls/key.pem", ClientAuth: "required", ClientCAs: "/etc/graylog/tls/clients"},
		Summary:   "summary", Vendor: "vendor", URL: "https://graylog.example", MinServer: "3.3.0", Revision: 7,
	})))
}

// TestRevision holds that a pack of other content has another revision.
func TestRevision(t *testing.T) {
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
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
	if known[Revision] != p.Content() || len(known) != Revision-1 {
		t.Errorf("the content of revision %d is %s, and testdata/revisions.txt says %q: if that revision was released, raise Revision and add a line, else correct the line",
			Revision, p.Content(), known[Revision])
	}
}

// TestContent holds that each option shows in the content, and the revision
// does not.
func TestContent(t *testing.T) {
	seen := map[string]string{}
	for _, o := range []Options{
		{}, {Bind: "::1"}, {Ports: map[string]int{"Worker": 1}}, {TestInput: true}, {Summary: "x"}, {Vendor: "x"}, {URL: "x"}, {MinServer: "5.0.0"},
		{TLS: TLS{Enable: true, CertFile: "x", KeyFile: "x"}}, {TLS: TLS{Enable: true, CertFile: "x", KeyFile: "y"}},
		{TLS: TLS{Enable: true, CertFile: "x", KeyFile: "x", ClientAuth: "required", ClientCAs: "x"}},
	} {
		p, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%+v", o)
		if other, ok := seen[p.Content()]; ok {
			t.Errorf("%s and %s have the same content", text, other)
		}
		seen[p.Content()] = text
		var shown struct{ Description string }
		if err := json.Unmarshal(packJSONOf(t, o), &shown); err != nil || contentOf(shown.Description) != p.Content() {
			t.Errorf("the description %q names another content than %s", shown.Description, p.Content())
		}
		o.Revision = 9
		if q, _ := New(o); q.Content() != p.Content() || q.Revision != 9 {
			t.Errorf("%s: another revision has another content", text)
		}
	}
}

// TestIDs holds the forms of ids that Graylog insists on, and that no id stands
// for two things.
func TestIDs(t *testing.T) {
	var pack packJSON
	text := packJSONOf(t, Options{TestInput: true})
	if err := json.Unmarshal(text, &pack); err != nil {
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
	widgets := 0
	for _, tab := range newDashboard().Tabs {
		widgets += len(tab.Widgets)
	}
	if widgets != 25 {
		t.Errorf("%d widgets, want the original's 21 and four more", widgets)
	}
	// What came after Graylog 4.0 makes an older server refuse the pack.
	for _, field := range []string{"filters", "row_limit", "column_limit", "stream_categories", "favorite_fields", "context", "thresholds", "units"} {
		if strings.Contains(string(text), `"`+field+`"`) {
			t.Errorf("there is a field %s, which Graylog 4.0 does not know", field)
		}
	}
}

// TestWidgetsDoNotOverlap holds that each tab has room for its widgets.
func TestWidgetsDoNotOverlap(t *testing.T) {
	for _, tab := range newDashboard().Tabs {
		taken := map[[2]int]string{}
		for _, w := range tab.Widgets {
			width := w.Position.Width
			if width == Full {
				width = 12
			}
			for col := w.Position.Col; col < w.Position.Col+width; col++ {
				for row := w.Position.Row; row < w.Position.Row+w.Position.Height; row++ {
					if other := taken[[2]int{col, row}]; other != "" || col < 1 || col > 12 || row < 1 {
						t.Fatalf("%s: %s is at %s, where %q is", tab.Title, w.Title, w.Position, other)
					}
					taken[[2]int{col, row}] = w.Title
				}
			}
		}
	}
}

func TestStreamMatches(t *testing.T) {
	p, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range role.All() {
		s := p.Streams[i]
		for logger, want := range map[string]bool{r.Prefix + "unit": true, "x" + r.Prefix: true, strings.ToLower(r.Prefix) + "unit": false, "": false, "XYZ_unit": false} {
			got := s.Matches(func(field string) string {
				if field == "logger" {
					return logger
				}
				return r.Prefix
			})
			if got != want || r.Matches(logger) != want {
				t.Errorf("%s: a record of %q is in it: %v, want %v; package role says %v", s.Title, logger, got, want, r.Matches(logger))
			}
		}
	}
	if (Stream{}).Matches(func(string) string { return "" }) {
		t.Error("a stream without a rule matches")
	}
}

func TestOptions(t *testing.T) {
	for _, tc := range []struct {
		options Options
		want    string
	}{
		{Options{Bind: "graylog.example"}, `bind address "graylog.example": write an IP address`},
		{Options{Ports: map[string]int{"boss": 1}}, `port of "boss": unknown role: use Director, Sysmetric, TTP, Worker`},
		{Options{Ports: map[string]int{TestInputRole: 1}}, "port of Test: the pack has this input only with TestInput"},
		{Options{Ports: map[string]int{"TTP": 65536}}, "port 65536 of TTP: use one from 1 to 65535"},
		{Options{Ports: map[string]int{"TTP": 9100}}, "port 9100 is given to Sysmetric and to TTP"},
		{Options{Revision: -1}, "revision -1: use a positive number"},
		{Options{MinServer: "4"}, `"4" is no version of Graylog: write it as 4.0.0`},
		{Options{TLS: TLS{CertFile: "x"}}, "TLS: it is not enabled"},
		{Options{TLS: TLS{Enable: true, CertFile: "x"}}, "TLS: name the files of the certificate and of its key"},
		{Options{TLS: TLS{Enable: true, CertFile: "x", KeyFile: "x", ClientAuth: "always"}}, `client authentication "always"`},
		{Options{TLS: TLS{Enable: true, CertFile: "x", KeyFile: "x", ClientAuth: "required"}}, "needs the certificates to trust"},
		{Options{TLS: TLS{Enable: true, CertFile: "x", KeyFile: "x", ClientCAs: "x"}}, "are of use with client authentication"},
	} {
		if _, err := New(tc.options); err == nil || !strings.HasPrefix(err.Error(), "contentpack: ") || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: the error is %v, want %s", tc.options, err, tc.want)
		}
	}
}

// TestPackHoldsNoSecret: what is in a pack can be read by everyone who sees
// Graylog's list of them.
func TestPackHoldsNoSecret(t *testing.T) {
	f, err := packFacts(packJSONOf(t, Options{TLS: TLS{Enable: true, CertFile: "x", KeyFile: "x"}}))
	if err != nil {
		t.Fatal(err)
	}
	for where := range f {
		if strings.Contains(where, "password") {
			t.Errorf("%s: %s", where, f[where])
		}
	}
}
