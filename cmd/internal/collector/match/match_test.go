package match

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
)

// compileQuery compiles the text of a query.
func compileQuery(t testing.TB, text string) Matcher {
	t.Helper()
	m, err := Compile(text, record.StreamIndex)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// newTestBlock builds a block of rows.
func newTestBlock(rows []index.Row) *index.Block {
	var builder index.Builder
	parts := builder.Build(rows)
	return &index.Block{First: 1, Rows: len(rows), Load: func(names []string) (map[string]any, error) {
		found := make(map[string]any)
		var err error
		for _, name := range names {
			if data, ok := parts[name]; ok && err == nil {
				found[name], err = index.DecodePart(name, string(data))
			}
		}
		return found, err
	}}
}

// matchRows are the records of TestMatch.
func matchRows() []index.Row {
	rows := []index.Row{
		{
			Message:   "Aligned model with Größe 7",
			Level:     6,
			Logger:    "TTP_a",
			Source:    "Hospital-1",
			Timestamp: 1767323045123,
			Fields: `{"epoch":3,"event":"Aligned model with Größe 7","logger":"TTP_a","loss":0.25,` +
				`"path":"C:\\logs\\a.txt"}`,
		},
		{
			Message:     "failed",
			FullMessage: "Traceback\n  model missing",
			Level:       3,
			Logger:      "WKR_b",
			Source:      "host",
			Timestamp:   1767323046000,
			RemoteIP:    "10.0.0.7",
			RemotePort:  4711,
			Input:       "Worker Logs",
			Fields:      `{"epoch":3.0,"logger":"WKR_b","project":"COVID 19"}`,
		},
		{
			Message:   "with a model that failed",
			Level:     -1,
			Logger:    "",
			Source:    "::1",
			Timestamp: 1767400000000,
			Fields:    `{"epoch":"3","when":"2026-01-02T03:04:05Z","quote":"say \"hi\""}`,
		},
	}
	for i := range rows {
		rows[i].Streams = rowtest.StreamsOf(rows[i].Logger)
	}
	return rows
}

// Each query matches the given rows of matchRows, by number.
func TestMatch(t *testing.T) {
	tests := []struct{ query, want string }{
		{"", "123"}, {"*", "123"},
		{"model", "123"}, {"MODEL", "123"}, {"mode", ""}, {"größe", "1"}, {"GRÖSSE", ""}, {"7", "12"},
		{`"aligned model"`, "1"}, {`"model aligned"`, ""}, {`"with a model"`, "3"}, {`""`, ""},
		{"aligned failed", "123"[:3]}, {"aligned AND failed", ""}, {"model AND NOT aligned", "23"}, {"-aligned", "23"},
		{
			"hospital-1",
			"1",
		}, {"ttp_a", "1"}, {"logs", "12"}, {"covid", "2"}, {`"covid 19"`, "2"}, {"hi", "3"}, {"0.25", ""},
		{"mod*", "123"},
		{"*odel", "123"},
		{"m?del", "123"},
		{"TTP_*", "1"},
		{"ttp*a", "1"},
		{"c?vid*9", "2"},
		{`c\:\\logs*`, "1"},
		{
			"message:model",
			"13",
		}, {"full_message:MODEL", "2"}, {"message:mod*", "13"}, {`full_message:"model missing"`, "2"},
		{"logger:TTP_a", "1"},
		{"logger:ttp_a", ""},
		{"logger:TTP_*", "1"},
		{"logger:*_?", "12"},
		{"logger:*", "12"},
		{"_exists_:logger", "12"},
		{"source:hospital-1", "1"}, {"source:HOSP*", "1"}, {`source:"::1"`, "3"},
		{"project:COVID", ""}, {`project:"COVID 19"`, "2"}, {"project:COVID*", "2"}, {"project:*19", "2"},
		{"epoch:3", "123"},
		{"epoch:3.0", "12"},
		{"epoch:>2", "123"},
		{"epoch:>=3", "123"},
		{"epoch:>3", ""},
		{"epoch:[1 TO 3}", ""},
		{"epoch:(3 OR 4)", "123"},
		{"loss:<0.3", "1"}, {"loss:0.25", "1"}, {"loss:2.5e-1", "1"}, {"loss:>x", ""},
		{"level:3", "2"},
		{"level:error", "2"},
		{"level:<=warning", "2"},
		{"level:[3 TO 6]", "12"},
		{"_exists_:level", "12"},
		{"NOT level:3", "13"},
		{"streams:TTP", "1"}, {`streams:"TTP Stream"`, "1"}, {"streams:default", "3"}, {"_exists_:streams", "123"},
		{"gl2_remote_ip:10.0.0.7", "2"}, {"gl2_remote_port:>4000", "2"}, {`gl2_source_input:"Worker Logs"`, "2"},
		{"timestamp:2026-01-02", "12"},
		{`timestamp:"2026-01-02 03:04:05"`, "1"},
		{`timestamp:"2026-01-02T03:04:05.123Z"`, "1"},
		{`timestamp:>"2026-01-02 03:04:05"`, "23"},
		{`timestamp:>="2026-01-02 03:04:05"`, "123"},
		{"timestamp:[2026-01-03 TO *]", "3"},
		{"timestamp:<2026-01-03", "12"},
		{"timestamp:<=2026-01-03", "123"},
		{`when:>"2026-01-01"`, "3"},
		{"_exists_:full_message", "2"},
		{"_exists_:nothing", ""},
		{"nothing:x", ""},
		{"NOT nothing:x", "123"},
	}
	rows := matchRows()
	b := newTestBlock(rows)
	for _, tt := range tests {
		m := compileQuery(t, tt.query)
		got := ""
		for i := range rows {
			if m.Match(&rows[i]) {
				got += fmt.Sprint(i + 1)
			}
		}
		if got != tt.want {
			t.Errorf("%s is true of %q, want %q", tt.query, got, tt.want)
		}
		sure, maybe := m.Find(b)
		for i := range rows {
			if is := strings.Contains(got, fmt.Sprint(i+1)); sure.Has(i) && !is || !maybe.Has(i) && is {
				t.Errorf(
					"%s: the block says %v, %v of record %d, want %v",
					tt.query,
					sure.Has(i),
					maybe.Has(i),
					i+1,
					is,
				)
			}
		}
	}
}

// Integers are compared exactly. As floats, times in nanoseconds would be equal to
// their neighbors, because a float is exact only up to 2^53.
func TestMatchIntegers(t *testing.T) {
	r := index.Row{Fields: `{"ns":1767323045123456789}`}
	for query, want := range map[string]bool{
		"ns:1767323045123456789":        true,
		"ns:1767323045123456788":        false,
		"ns:>1767323045123456788":       true,
		"ns:>1767323045123456789":       false,
		"ns:[1767323045123456789 TO *]": true,
		"ns:<1767323045123456790":       true,
		"ns:>1.7e18":                    true,
		"ns:1767323045123456789.0":      true,
	} {
		if got := compileQuery(t, query).Match(&r); got != want {
			t.Errorf("%s is %v, want %v", query, got, want)
		}
	}
}

// Errors have the position of the wrong value.
func TestMatchErrors(t *testing.T) {
	for _, tt := range []struct {
		in  string
		pos int
		msg string
	}{
		{"a timestamp:soon", 12, `"soon" is not a time`},
		{"timestamp:>x", 11, `"x" is not a time`},
		{"streams:(TTP OR nobody)", 16, "no stream"},
		{"message:[a TO b]", 8, "message has no order"},
	} {
		_, err := Compile(tt.in, record.StreamIndex)
		var at *query.Error
		if !errors.As(err, &at) || at.Pos != tt.pos || !strings.Contains(at.Msg, tt.msg) {
			t.Errorf("%s: %v, want %s at %d", tt.in, err, tt.msg, tt.pos)
		}
	}
}
