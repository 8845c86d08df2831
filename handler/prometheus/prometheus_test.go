package prometheus_test

import (
	"bufio"
	"encoding/json"
	"expvar"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/handler/prometheus"
)

// counted returns a handler that has accepted n records.
func counted(t testing.TB, logger string, n int) *handler.Handler {
	t.Helper()
	h, err := handler.New(handler.Config{Logger: logger, Writer: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	for i := range n {
		slog.New(h).Info("m", "i", i)
	}
	return h
}

// TestExpvar checks that the counters of a handler can be published with expvar as
// documented.
func TestExpvar(t *testing.T) {
	h := counted(t, "TTP_x", 3)
	published := expvar.Func(func() any { return h.Stats() })
	slog.New(h).Info("one more")
	var stats handler.Stats
	if err := json.Unmarshal([]byte(published.String()), &stats); err != nil {
		t.Fatal(err)
	}
	if stats.Accepted != 4 || stats.Sent != 4 {
		t.Errorf("published: %+v", stats)
	}
}

// A sample is one line of the text format.
type sample struct{ name, labels string }

// A page is a parsed response of Handler.
type page struct {
	kinds   map[string]string // metric types by name
	order   []string          // names in order
	samples map[sample]uint64
}

// parse reads version 0.0.4 of the text format strictly: the lines of a metric are
// adjacent, HELP and TYPE occur once before them, samples are unique, and labels are
// quoted.
func parse(t *testing.T, text string) page {
	t.Helper()
	const name = `[a-zA-Z_:][a-zA-Z0-9_:]*`
	const label = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"`
	help := regexp.MustCompile(`^# HELP (` + name + `) .+$`)
	kind := regexp.MustCompile(`^# TYPE (` + name + `) (counter|gauge)$`)
	line := regexp.MustCompile(`^(` + name + `)\{((?:` + label + `)(?:,` + label + `)*)\} (\d+)$`)
	if !strings.HasSuffix(text, "\n") {
		t.Error("the last line does not end with a newline")
	}
	p := page{make(map[string]string), nil, make(map[sample]uint64)}
	helped := make(map[string]bool)
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		switch text := lines.Text(); {
		case help.MatchString(text):
			m := help.FindStringSubmatch(text)
			if helped[m[1]] {
				t.Errorf("%s has two HELP lines", m[1])
			}
			helped[m[1]] = true
			p.order = append(p.order, m[1])
		case kind.MatchString(text):
			m := kind.FindStringSubmatch(text)
			if p.kinds[m[1]] != "" || p.order[len(p.order)-1] != m[1] {
				t.Errorf("misplaced TYPE line: %s", text)
			}
			p.kinds[m[1]] = m[2]
		case line.MatchString(text):
			m := line.FindStringSubmatch(text)
			if p.kinds[m[1]] == "" || p.order[len(p.order)-1] != m[1] {
				t.Errorf("misplaced sample: %s", text)
			}
			if _, twice := p.samples[sample{m[1], m[2]}]; twice {
				t.Errorf("duplicate sample: %s", text)
			}
			p.samples[sample{m[1], m[2]}], _ = strconv.ParseUint(m[3], 10, 64)
		default:
			t.Errorf("invalid line: %q", text)
		}
	}
	for name, kind := range p.kinds {
		if strings.HasSuffix(name, "_total") != (kind == "counter") {
			t.Errorf("%s is a %s", name, kind)
		}
	}
	return p
}

// show returns the page of the handlers.
func show(t *testing.T, handlers ...prometheus.Source) page {
	t.Helper()
	answer := httptest.NewRecorder()
	prometheus.Handler(handlers...).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	const want = "text/plain; version=0.0.4; charset=utf-8"
	if got := answer.Header().Get("Content-Type"); answer.Code != http.StatusOK || got != want {
		t.Errorf("status %d, content type %s; want 200, %s", answer.Code, got, want)
	}
	return parse(t, answer.Body.String())
}

// TestMetrics checks samples of two handlers.
func TestMetrics(t *testing.T) {
	p := show(t, counted(t, "TTP_a", 3), counted(t, "WKR_b", 5))
	for s, want := range map[sample]uint64{
		{"synlogger_records_accepted_total", `logger="TTP_a"`}:                    3,
		{"synlogger_records_accepted_total", `logger="WKR_b"`}:                    5,
		{"synlogger_records_sent_total", `logger="WKR_b"`}:                        5,
		{"synlogger_records_dropped_total", `logger="TTP_a",reason="queue_full"`}: 0,
		{"synlogger_records_dropped_total", `logger="WKR_b",reason="panic"`}:      0,
		{"synlogger_queued_bytes", `logger="TTP_a"`}:                              0,
	} {
		if got, ok := p.samples[s]; !ok || got != want {
			t.Errorf("%v is %d (found: %v), want %d", s, got, ok, want)
		}
	}
	if p.kinds["synlogger_queued_records"] != "gauge" || p.kinds["synlogger_records_dropped_total"] != "counter" {
		t.Errorf("the types are %v", p.kinds)
	}
}

// TestMetricsWithoutHandlers checks the page without handlers.
func TestMetricsWithoutHandlers(t *testing.T) {
	if p := show(t); len(p.samples) != 0 {
		t.Errorf("samples without a handler: %v", p.samples)
	}
}

// TestMetricsHostileNames checks names of loggers that would end their quotes or their
// line.
func TestMetricsHostileNames(t *testing.T) {
	for name, want := range map[string]string{
		``:                             `logger=""`,
		`say "no"`:                     `logger="say \"no\""`,
		`C:\logs\`:                     `logger="C:\\logs\\"`,
		"two\nlines 1\nevil{x=\"\"} 2": `logger="two\nlines 1\nevil{x=\"\"} 2"`,
		`"} 1`:                         `logger="\"} 1"`,
		`\"`:                           `logger="\\\""`,
		"broken \xff\xfe":              "logger=\"broken \uFFFD\"",
		"日本":                           `logger="日本"`,
	} {
		p := show(t, counted(t, name, 1))
		if n, ok := p.samples[sample{"synlogger_records_accepted_total", want}]; !ok || n != 1 {
			t.Errorf("%q is not shown as %s: %v", name, want, p.samples)
		}
	}
}

// Publishing counters with expvar does not need a package of this module. They are served at /debug/vars
// of the default server.
func ExampleHandler_expvar() {
	h, err := handler.New(handler.Config{Logger: "TTP_hospital-1", Writer: io.Discard})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	expvar.Publish("synlogger", expvar.Func(func() any { return h.Stats() }))
	slog.New(h).Info("Hello World!")

	var shown struct{ Accepted, Sent int }
	if err := json.Unmarshal([]byte(expvar.Get("synlogger").String()), &shown); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%+v\n", shown)
	// Output: {Accepted:1 Sent:1}
}

func ExampleHandler() {
	h, err := handler.New(handler.Config{Logger: "TTP_hospital-1", Writer: io.Discard})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer h.Close()
	slog.New(h).Info("Hello World!")

	mux := http.NewServeMux()
	mux.Handle("/metrics", prometheus.Handler(h))
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for range 3 {
		line, _ := answer.Body.ReadString('\n')
		fmt.Print(line)
	}
	// Output:
	// # HELP synlogger_records_accepted_total Records to be delivered.
	// # TYPE synlogger_records_accepted_total counter
	// synlogger_records_accepted_total{logger="TTP_hospital-1"} 1
}
