package web_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// openClauses opens a page in which clauses.js is the variable c.
func openClauses(t *testing.T, c *collector.Collector) *browsertest.Page {
	t.Helper()
	page := browsertest.New(t, 400, 300)
	page.Open(c.PageURL() + "status")
	page.Eval(`import("./assets/clauses.js").then((m) => { window.c = m; })`)
	page.Until("clauses.js", `window.c`)
	return page
}

// script returns a call of a function.
func script(function string, args ...any) string {
	text, err := json.Marshal(args)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("return %s(...%s)", function, text)
}

func TestClauses(t *testing.T) {
	t.Parallel()
	page := openClauses(t, collectortest.Start(t, collector.Config{}))
	for _, tt := range []struct{ query, part, want string }{
		{"", `a:"b"`, `a:"b"`},
		{"x", `a:"b"`, `x AND a:"b"`},
		{`x AND a:"b"`, `a:"b"`, "x"},
		{`a:"b"`, `a:"b"`, ""},
		{`x AND a:"b"`, `NOT a:"b"`, `x AND NOT a:"b"`},
		{`NOT a:"b" AND x`, `a:"b"`, `x AND a:"b"`},
		{"x y", `a:"b"`, `(x y) AND a:"b"`},
		{"x OR y", `a:"b"`, `(x OR y) AND a:"b"`},
		{`(x OR y) AND a:"b"`, `a:"b"`, "(x OR y)"},
		{`"a AND b"`, "c:1", `"a AND b" AND c:1`},
		{`level:<=4 && loss:[0.1 TO 0.5} AND -debug`, "c:1", `level:<=4 AND loss:[0.1 TO 0.5} AND -debug AND c:1`},
		{`a:(b OR "c)")`, "c:1", `a:(b OR "c)") AND c:1`},
		{`a\ b:c\:d`, "c:1", `a\ b:c\:d AND c:1`},
		{"NOT x AND y", "c:1", "NOT x AND y AND c:1"},
		{"NOT x y", "c:1", "(NOT x y) AND c:1"},
		{"((a) OR b) AND d", "c:1", "(((a) OR b) AND d) AND c:1"},
		{"größe:1", "c:1", "größe:1 AND c:1"},
	} {
		got := page.Eval(script("c.toggle", tt.query, tt.part))
		if got != tt.want {
			t.Errorf("toggle(%s, %s) = %s, want %s", tt.query, tt.part, got, tt.want)
		}
		if _, err := query.Parse(tt.want); err != nil {
			t.Errorf("%s: %v", tt.want, err)
		}
	}
	for _, tt := range []struct {
		query, part string
		want        float64
	}{
		{`x AND a:"b"`, `a:"b"`, 1},
		{`x AND NOT a:"b"`, `a:"b"`, -1},
		{`x AND a:"c"`, `a:"b"`, 0},
		{`x OR a:"b"`, `a:"b"`, 0},
	} {
		if got := page.Eval(script("c.holds", tt.query, tt.part)); got != tt.want {
			t.Errorf("holds(%s, %s) = %v, want %v", tt.query, tt.part, got, tt.want)
		}
	}
}

// Words of the query are highlighted in messages.
func TestClausesHighlight(t *testing.T) {
	t.Parallel()
	page := openClauses(t, collectortest.Start(t, collector.Config{}))
	for _, tt := range []struct{ query, text, want string }{
		{"model", "Aligned MODEL, models", "Aligned [MODEL], models"},
		{
			`"aligned model" OR größe`,
			"aligned  model of Größe 3; model aligned",
			"[aligned  model] of [Größe] 3; model aligned",
		},
		{"mod* AND level:<=4", "model modes 4", "[model] [modes] 4"},
		{"NOT model AND aligned", "aligned model", "[aligned] model"},
		{"logger:TTP_a message:lost -x", "lost x TTP_a", "[lost] x TTP_a"},
		{"hospital-1", "at hospital-1 and hospital", "at [hospital-1] and hospital"},
		{`"a.b" (c)`, "a.b a b axb C", "[a.b] [a b] axb [C]"},
		{"* AND loss:[0 TO 1]", "0 TO 1", "0 TO 1"},
		{"", "nothing", "nothing"},
		{`\(x\)`, "(x)", "([x])"},
	} {
		got := page.Eval(script("((q, text) => { const p = c.words(q); return p ? text.replace(p, '[$&]') : text })",
			tt.query, tt.text))
		if got != tt.want {
			t.Errorf("%s in %s: %v, want %s", tt.query, tt.text, got, tt.want)
		}
	}
}

// The query that the page makes from a value finds exactly the records with that
// value.
func TestClausesFindTheirValue(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	values := []any{
		"plain",
		"two words",
		`quoted "text"`,
		`back\slash`,
		`both \" of them`,
		"a:b (c) [d] {e}",
		"AND",
		"NOT x",
		"*",
		"?",
		"wild*card",
		"-minus",
		"+plus",
		"/path/to.py",
		"line\nbreak",
		"tab\tand\r\nmore",
		"größe",
		"\u202egnp.exe",
		"<script>",
		"007",
		"1e3",
		"5",
		"-5",
		"0.5",
		int64(5),
		int64(-7),
		int64(1) << 60,
		0.25,
		-1.5,
		1e21,
	}
	var frames []string
	for i, v := range values {
		frames = append(frames, string(index.AppendFields(nil, map[string]any{
			"version":          "1.1",
			"host":             "h",
			"short_message":    fmt.Sprint("message ", i),
			"_logger":          "TTP_a",
			"_n":               int64(i),
			"_some.odd-name@x": v,
			"_value":           v,
		})))
	}
	collectortest.Send(t, c, "TTP Logs", frames...)
	collectortest.Await(t, c, search.Query{}, len(frames))
	page := openClauses(t, c)
	records, err := c.Search(t.Context(), search.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		for _, field := range []string{"value", "some_odd-name@x", "n", "message"} {
			v := r.Fields[field]
			if field == "message" {
				v = r.Message
			}
			text := page.Eval(script("c.is", field, onPage(v))).(string)
			found, err := c.Search(t.Context(), search.Query{Text: text})
			if err != nil {
				t.Errorf("%s: %v", text, err)
				continue
			}
			var got, want []any
			for _, f := range found {
				got = append(got, f.Fields["n"])
			}
			for _, other := range records {
				o := other.Fields[field]
				if field == "message" {
					o = other.Message
				}
				if sameValue(o, v) {
					want = append(want, other.Fields["n"])
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s of %q (-want +got):\n%s", text, v, diff)
			}
		}
	}
}

// onPage returns a value as the page has it: an integer that JavaScript would round is
// a text.
func onPage(v any) any {
	if n, ok := v.(int64); ok && (n > 1<<53 || n < -1<<53) {
		return fmt.Sprint(n)
	}
	return v
}

// sameValue reports whether a query for one value finds the other. A text that is a
// number also finds the number.
func sameValue(found, asked any) bool {
	text := fmt.Sprint(asked)
	if s, ok := found.(string); ok {
		return s == text
	}
	n, err := strconv.ParseFloat(text, 64)
	f, err2 := strconv.ParseFloat(fmt.Sprint(found), 64)
	return err == nil && err2 == nil && n == f
}
