package collector

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Texts are cut by characters, and only the fields that were asked for are in
// the answer; findings stay.
func TestView(t *testing.T) {
	c := start(t, Options{})
	send(t, c, "TTP Logs", `{"version":"1.1","host":"h","short_message":"größer als","full_message":"Größe","level":3,"_logger":"TTP_a","_note":"ärger\n","_n":9007199254740993,"_x":2.0,"_ok":true}`)
	await(t, c, Query{}, 1)
	all := map[string]any{"logger": "TTP_a", "note": "ärger", "n": 9007199254740993.0, "x": 2.0}
	for _, tt := range []struct {
		query         string
		message, full string
		fields        map[string]any
	}{
		{"", "größer als", "Größe", all},
		{"cut=0", "größer als", "Größe", all},
		{"cut=100", "größer als", "Größe", all},
		{"cut=3", "grö", "Grö", map[string]any{"logger": "TTP", "note": "ärg", "n": all["n"], "x": 2.0}},
		{"fields=n,none", "größer als", "Größe", map[string]any{"n": all["n"]}},
		{"fields=note,logger&cut=5", "größe", "Größe", map[string]any{"note": "ärger", "logger": "TTP_a"}},
		{"fields=level,source,note&cut=1", "g", "G", map[string]any{"level": 3.0, "source": "h", "note": "ä"}},
		{"fields=,", "größer als", "Größe", all},
	} {
		var a searchAnswer
		getJSON(t, c, "/api/search?"+tt.query, &a)
		r := a.Records[0]
		if r.Message != tt.message || r.FullMessage != tt.full || len(r.Findings) == 0 || r.Findings[0].Field == "" || r.Logger != "TTP_a" {
			t.Errorf("%s: %+v", tt.query, r)
		}
		if diff := cmp.Diff(tt.fields, r.Fields); diff != "" {
			t.Errorf("%s: fields (-want +got):\n%s", tt.query, diff)
		}
		// The tail says the same, but cuts unless told.
		if _, e := tailing(t, c, "after=0&"+tt.query, "")(); len(e.Records) != 1 || !cmp.Equal(e.Records[0], r) {
			t.Errorf("tail %s: %+v, want %+v", tt.query, e, r)
		}
	}
	for _, query := range []string{"cut=-1", "cut=x", "cut=1e3", "fields=" + strings.Repeat("a,", maxFields+1)} {
		for _, path := range []string{"/api/search?", "/api/tail?"} {
			if status, body := get(t, c, path+query); status != 400 {
				t.Errorf("%s%.20s: %d %s", path, query, status, body)
			}
		}
	}
}

// A tail cuts texts at 10,000 characters unless told, and an answer of long
// records ends early.
func TestLongTexts(t *testing.T) {
	c := start(t, Options{})
	long := strings.Repeat("é", 500_000)
	frames := make([]string, 40)
	for i := range frames {
		frames[i] = fmt.Sprintf(`{"version":"1.1","host":"h","short_message":%q}`, long)
	}
	send(t, c, "TTP Logs", frames...)
	await(t, c, Query{}, len(frames))
	for _, q := range []Query{{}, {Oldest: true}} {
		records, more, err := search(t.Context(), c.store, q, view{})
		if n := len(records); err != nil || n != 34 || !more {
			t.Errorf("%+v: %d whole records, more %v, %v", q, n, more, err)
		}
	}
	e, last, err := (&restAPI{store: c.store}).tailAfter(t.Context(), filterOf(t, Query{}), view{}, 0)
	if err != nil || len(e.Records) != 34 || e.Skipped != 6 || e.Records[33].ID != 40 || last != 40 {
		t.Errorf("a tail has %d whole records and skipped %d, the last is %d, %v", len(e.Records), e.Skipped, last, err)
	}
	var cut searchAnswer
	getJSON(t, c, "/api/search?cut=5000&fields=logger", &cut)
	if n := len(cut.Records); n != 40 || cut.Before != 0 || cut.Records[39].Message != long[:10_000] {
		t.Errorf("%d cut records, before %d", n, cut.Before)
	}
	_, e = tailing(t, c, "after=0", "")()
	if len(e.Records) != 40 || e.Records[0].Message != long[:20_000] {
		t.Errorf("the tail has %d records", len(e.Records))
	}
}

// What of a row is left out is not kept in memory, and with names of fields the
// JSON of a row is not made values of.
func BenchmarkView(b *testing.B) {
	fields := make(map[string]any)
	for i := range 60 {
		fields[fmt.Sprint("field_", i)] = strings.Repeat("x", 30_000)
	}
	fields["logger"] = "TTP_a"
	r := &row{logger: "TTP_a", message: "short", fields: string(appendFields(nil, fields))}
	for _, bb := range []struct {
		name string
		v    view
	}{{"whole", view{}}, {"cut", view{cut: 300}}, {"logger", briefView}, {"last", view{300, []string{"field_9"}}}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bb.v.record(1, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
