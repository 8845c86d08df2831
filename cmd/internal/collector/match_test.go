package collector

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
)

func filterOf(t testing.TB, q Query) filter {
	t.Helper()
	f, err := newFilter(q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// matchRows are the records of TestMatch.
func matchRows() []row {
	rows := []row{
		{message: "Aligned model with Größe 7", level: 6, logger: "TTP_a", source: "Hospital-1", timestamp: 1767323045123, fields: `{"epoch":3,"event":"Aligned model with Größe 7","logger":"TTP_a","loss":0.25,"path":"C:\\logs\\a.txt"}`},
		{message: "failed", fullMessage: "Traceback\n  model missing", level: 3, logger: "WKR_b", source: "host", timestamp: 1767323046000, remoteIP: "10.0.0.7", remotePort: 4711, input: "Worker Logs", fields: `{"epoch":3.0,"logger":"WKR_b","project":"COVID 19"}`},
		{message: "with a model that failed", level: -1, logger: "", source: "::1", timestamp: 1767400000000, fields: `{"epoch":"3","when":"2026-01-02T03:04:05Z","quote":"say \"hi\""}`},
	}
	for i := range rows {
		rows[i].streams = routeLogger(rows[i].logger)
	}
	return rows
}

// A query, and which of matchRows it is true of.
func TestMatch(t *testing.T) {
	tests := []struct{ query, want string }{
		{"", "123"}, {"*", "123"},
		{"model", "123"}, {"MODEL", "123"}, {"mode", ""}, {"größe", "1"}, {"GRÖSSE", ""}, {"7", "12"},
		{`"aligned model"`, "1"}, {`"model aligned"`, ""}, {`"with a model"`, "3"}, {`""`, ""},
		{"aligned failed", "123"[:3]}, {"aligned AND failed", ""}, {"model AND NOT aligned", "23"}, {"-aligned", "23"},
		{"hospital-1", "1"}, {"ttp_a", "1"}, {"logs", "12"}, {"covid", "2"}, {`"covid 19"`, "2"}, {"hi", "3"}, {"0.25", ""},
		{"mod*", "123"}, {"*odel", "123"}, {"m?del", "123"}, {"TTP_*", "1"}, {"ttp*a", "1"}, {"c?vid*9", "2"}, {`c\:\\logs*`, "1"},
		{"message:model", "13"}, {"full_message:MODEL", "2"}, {"message:mod*", "13"}, {`full_message:"model missing"`, "2"},
		{"logger:TTP_a", "1"}, {"logger:ttp_a", ""}, {"logger:TTP_*", "1"}, {"logger:*_?", "12"}, {"logger:*", "12"}, {"_exists_:logger", "12"},
		{"source:hospital-1", "1"}, {"source:HOSP*", "1"}, {`source:"::1"`, "3"},
		{"project:COVID", ""}, {`project:"COVID 19"`, "2"}, {"project:COVID*", "2"}, {"project:*19", "2"},
		{"epoch:3", "123"}, {"epoch:3.0", "12"}, {"epoch:>2", "123"}, {"epoch:>=3", "123"}, {"epoch:>3", ""}, {"epoch:[1 TO 3}", ""}, {"epoch:(3 OR 4)", "123"},
		{"loss:<0.3", "1"}, {"loss:0.25", "1"}, {"loss:2.5e-1", "1"}, {"loss:>x", ""},
		{"level:3", "2"}, {"level:error", "2"}, {"level:<=warning", "2"}, {"level:[3 TO 6]", "12"}, {"_exists_:level", "12"}, {"NOT level:3", "13"},
		{"streams:TTP", "1"}, {`streams:"TTP Stream"`, "1"}, {"streams:default", "3"}, {"_exists_:streams", "123"},
		{"gl2_remote_ip:10.0.0.7", "2"}, {"gl2_remote_port:>4000", "2"}, {`gl2_source_input:"Worker Logs"`, "2"},
		{"timestamp:2026-01-02", "12"}, {`timestamp:"2026-01-02 03:04:05"`, "1"}, {`timestamp:"2026-01-02T03:04:05.123Z"`, "1"}, {`timestamp:>"2026-01-02 03:04:05"`, "23"},
		{`timestamp:>="2026-01-02 03:04:05"`, "123"}, {"timestamp:[2026-01-03 TO *]", "3"}, {"timestamp:<2026-01-03", "12"}, {"timestamp:<=2026-01-03", "123"},
		{`when:>"2026-01-01"`, "3"}, {"_exists_:full_message", "2"}, {"_exists_:nothing", ""}, {"nothing:x", ""}, {"NOT nothing:x", "123"},
	}
	rows := matchRows()
	s := newStore(t)
	if _, err := s.write(rows, noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		m := filterOf(t, Query{Text: tt.query}).match
		got := ""
		for i := range rows {
			if m.match(&rows[i]) {
				got += fmt.Sprint(i + 1)
			}
		}
		if got != tt.want {
			t.Errorf("%s is true of %q, want %q", tt.query, got, tt.want)
		}
		sure, maybe := m.find(s.tailBlock(s.state.Load()))
		for i := range rows {
			if is := strings.Contains(got, fmt.Sprint(i+1)); sure.has(i) && !is || !maybe.has(i) && is {
				t.Errorf("%s: the block says %v, %v of record %d, want %v", tt.query, sure.has(i), maybe.has(i), i+1, is)
			}
		}
	}
}

// Integers are compared as such, not as floats, which are exact to 2^53 only: a
// time in nanoseconds is beyond.
func TestMatchIntegers(t *testing.T) {
	r := row{fields: `{"ns":1767323045123456789}`}
	for query, want := range map[string]bool{
		"ns:1767323045123456789": true, "ns:1767323045123456788": false, "ns:>1767323045123456788": true, "ns:>1767323045123456789": false,
		"ns:[1767323045123456789 TO *]": true, "ns:<1767323045123456790": true, "ns:>1.7e18": true, "ns:1767323045123456789.0": true,
	} {
		if got := filterOf(t, Query{Text: query}).match.match(&r); got != want {
			t.Errorf("%s is %v, want %v", query, got, want)
		}
	}
}

// An error points at the value.
func TestMatchErrors(t *testing.T) {
	for _, tt := range []struct {
		in  string
		pos int
		msg string
	}{
		{"a timestamp:soon", 12, `"soon" is no time`},
		{"timestamp:>x", 11, `"x" is no time`},
		{"streams:(TTP OR nobody)", 16, "no stream"},
		{"message:[a TO b]", 8, "message has no order"},
	} {
		_, err := newFilter(Query{Text: tt.in})
		var at *query.Error
		if !errors.As(err, &at) || at.Pos != tt.pos || !strings.Contains(at.Msg, tt.msg) {
			t.Errorf("%s: %v, want %s at %d", tt.in, err, tt.msg, tt.pos)
		}
	}
}

// randomRows are records whose values come again, and come close.
func randomRows(r *rand.Rand, n int) []row {
	texts := []string{"a", "A-b", "foo", "FOO bar", "fo", "TTP_a", "ttp_b", "wider than", "3", "3.5", "\x00\"\\", "größe", "", "x y z", "foobar", strings.Repeat("long", 40), "\xff\u212a"}
	rows := make([]row, n)
	for i := range rows {
		pick := func() string { return texts[r.IntN(len(texts))] }
		fields := map[string]any{}
		for range r.IntN(4) {
			switch name := string(rune('p' + r.IntN(3))); r.IntN(3) {
			case 0:
				fields[name] = pick()
			case 1:
				fields[name] = int64(r.IntN(5))
			default:
				fields[name] = float64(r.IntN(5)) / 2
			}
		}
		if n > 300 && r.IntN(2) == 0 {
			fields[fmt.Sprint("f", r.IntN(400))] = pick()
		}
		logger := pick()
		rows[i] = row{
			received: 1, timestamp: int64(r.IntN(5)) * 1000, level: r.IntN(9) - 1, streams: routeLogger(logger), logger: logger,
			source: pick(), message: pick() + " " + pick(), fullMessage: pick(), fields: string(appendFields(nil, fields)),
		}
	}
	return rows
}

var fuzzQueries = []string{
	"foo", "f*", "*o", "f?o", "*o*", "fo*ar", "a-b", "A*b", "TTP_*", "*_a", `"foo bar"`, "x*z", "q:3", "q:>1", "q:foo", "q:f*", "r:*", "NOT r:3", "f17:a*", "_exists_:f3", "-f390:foo",
	"message:foo AND NOT full_message:a", "level:<=3", "source:foo", "timestamp:[* TO 1970-01-01T00:00:02Z}", "streams:TTP -foo", "(a OR 3) AND (foo OR q:2)", "long*", "*long", "k", "?", "wid* AND NOT ttp",
	`"x y z"`, `"foo foo"`, `message:"foo bar"`, `full_message:"a b" OR full_message:x*`, "_exists_:full_message", "message:*o?", "w*n", "-*5", "?5", "*b",
}

// What a store finds by its blocks is what the matcher says of each record.
func TestBlocksAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := newStore(t)
	rows := randomRows(r, blockRows+500)
	if _, err := s.write(rows, noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	for _, text := range fuzzQueries {
		f := filterOf(t, Query{Text: text})
		var want, got []int64
		for i := len(rows) - 1; i >= 0; i-- {
			if f.match.match(&rows[i]) {
				want = append(want, int64(i+1))
			}
		}
		err := s.span(f).descend(t.Context(), func(id int64, _ *row) bool { got = append(got, id); return true })
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%.400s", text, err, diff)
		}
		if n, err := count(t.Context(), s.span(f), noLimit); err != nil || n != len(want) {
			t.Errorf("%s: the count is %d, %v; want %d", text, n, err, len(want))
		}
	}
}

// Whatever is asked of whatever records, a block excludes none that matches and
// is sure of none that does not.
func FuzzMatch(f *testing.F) {
	for i, q := range fuzzQueries {
		f.Add(q, uint64(i), "foo")
	}
	f.Fuzz(func(t *testing.T, text string, seed uint64, message string) {
		filter, err := newFilter(Query{Text: text})
		if err != nil {
			return
		}
		rows := randomRows(rand.New(rand.NewPCG(seed, 1)), 20)
		rows[0].message, rows[1].fields = message, message
		rows[2].fields = string(appendFields(nil, map[string]any{"p": message, message: "foo"}))
		var builder blockBuilder
		parts := builder.build(rows)
		b := &block{first: 1, n: len(rows), load: func(name string) (any, error) {
			if parts[name] == nil {
				return nil, nil
			}
			return decodePart(name, string(parts[name]))
		}}
		sure, maybe := filter.match.find(b)
		if b.err != nil {
			t.Fatal(b.err)
		}
		for i := range rows {
			if is := filter.match.match(&rows[i]); sure.has(i) && !is || !maybe.has(i) && is {
				t.Fatalf("%q: the block says %v, %v of %+v, want %v", text, sure.has(i), maybe.has(i), rows[i], is)
			}
		}
	})
}

// A part that is not what was written is an error, not more.
func FuzzDecodePart(f *testing.F) {
	var builder blockBuilder
	for name, data := range builder.build(matchRows()) {
		f.Add(name, string(data))
	}
	f.Fuzz(func(t *testing.T, name, data string) {
		b := &block{first: 1, n: 3, load: func(part string) (any, error) { return decodePart(part, data) }}
		if c := b.column(name); c != nil {
			c.where(func(v value) bool { return v.text() != "" })
			c.present()
		}
		b.vocabulary().having("a", func(int, string) {})
		b.vocabulary().long(func(int, string) {})
		b.integers().number("7")
		b.postings(wordRowsPart).addTo(newBitmap(3), 1)
		if t, known := b.texts(); known {
			t.phrase(anyText, "\x04\x05")
			t.phrase(messageText, "\x04")
			t.where(func(_ byte, run string) bool { return hasWordOf(run, newBitmap(9)) })
		}
	})
}
