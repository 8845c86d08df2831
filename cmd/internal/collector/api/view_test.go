package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// Texts are truncated by characters. Fields are limited to those requested. Findings
// stay.
func TestViewTruncates(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs",
		`{"version":"1.1","host":"h","short_message":"größer als","full_message":"Größe","level":3,"_logger":"TTP_a",
			"_note":"ärger\n","_n":9007199254740993,"_x":2.0,"_ok":true}`)
	collectortest.Await(t, c, search.Query{}, 1)
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
		var a api.SearchAnswer
		collectortest.GetJSON(t, c, "/api/search?"+tt.query, &a)
		r := a.Records[0]
		if r.Message != tt.message || r.FullMessage != tt.full || len(r.Findings) == 0 || r.Findings[0].Field == "" ||
			r.Logger != "TTP_a" {
			t.Errorf("%s: %+v", tt.query, r)
		}
		if diff := cmp.Diff(tt.fields, r.Fields); diff != "" {
			t.Errorf("%s: fields (-want +got):\n%s", tt.query, diff)
		}
		// The tail sends the same records, but truncates by default.
		if _, e := tailing(t, c, "after=0&"+tt.query, "")(); len(e.Records) != 1 || !cmp.Equal(e.Records[0], r) {
			t.Errorf("tail %s: %+v, want %+v", tt.query, e, r)
		}
	}
	for _, query := range []string{"cut=-1", "cut=x", "cut=1e3", "fields=" + strings.Repeat("a,", api.MaxFields+1)} {
		for _, path := range []string{"/api/search?", "/api/tail?"} {
			if status, body := collectortest.Get(t, c, path+query); status != 400 {
				t.Errorf("%s%.20s: %d %s", path, query, status, body)
			}
		}
	}
}

// A tail truncates texts to 10,000 characters by default. An answer with long records
// has fewer of them.
func TestAnswerSizeLimit(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	long := strings.Repeat("é", 500_000)
	frames := make([]string, 40)
	for i := range frames {
		frames[i] = fmt.Sprintf(`{"version":"1.1","host":"h","short_message":%q}`, long)
	}
	collectortest.Send(t, c, "TTP Logs", frames...)
	collectortest.Await(t, c, search.Query{}, len(frames))
	for _, order := range []string{"newest", "oldest"} {
		var a api.SearchAnswer
		collectortest.GetJSON(t, c, "/api/search?order="+order, &a)
		if n := len(a.Records); n != 34 || a.Before+a.After == 0 {
			t.Errorf("%s: %d whole records, before %d, after %d", order, n, a.Before, a.After)
		}
	}
	id, e := tailing(t, c, "after=0&cut=0", "")()
	if len(e.Records) != 34 || e.Skipped != 6 || e.Records[33].ID != 40 || id != "40" {
		t.Errorf("a tail has %d whole records and skipped %d, the last id is %s", len(e.Records), e.Skipped, id)
	}
	var cut api.SearchAnswer
	collectortest.GetJSON(t, c, "/api/search?cut=5000&fields=logger", &cut)
	if n := len(cut.Records); n != 40 || cut.Before != 0 || cut.Records[39].Message != long[:10_000] {
		t.Errorf("%d cut records, before %d", n, cut.Before)
	}
	_, e = tailing(t, c, "after=0", "")()
	if len(e.Records) != 40 || e.Records[0].Message != long[:20_000] {
		t.Errorf("the tail has %d records", len(e.Records))
	}
}
