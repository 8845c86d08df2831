package api_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// The pages of a search have each record once, and the last page says that it is the
// last.
func TestSearchPages(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	var frames []string
	for i := range 25 {
		frames = append(frames, collectortest.Frame([]string{"TTP_a", "DIR_a"}[i%2], fmt.Sprint("record ", i)))
	}
	collectortest.Send(t, c, "TTP Logs", frames...)
	collectortest.Await(t, c, search.Query{}, len(frames))
	ids := func(n, step, from int64) (all []int64) {
		for id := from; 0 < id && id <= n; id += step {
			all = append(all, id)
		}
		return all
	}
	for _, tt := range []struct {
		query string
		pages int
		want  []int64
	}{
		{"limit=4", 7, ids(25, -1, 25)},
		{"limit=4&order=newest&stream=DIR", 4, ids(25, -2, 24)}, // the last page is empty
		{"limit=25", 1, ids(25, -1, 25)},
		{"limit=4&order=oldest", 7, ids(25, 1, 1)},
		{"limit=5&order=oldest", 5, ids(25, 1, 1)},
		{"limit=4&order=oldest&stream=TTP", 4, ids(25, 2, 1)},
		{"order=oldest&after=20", 1, ids(25, 1, 21)},
		{"limit=2&order=oldest&before=4", 2, ids(3, 1, 1)},
		{"order=oldest&after=25", 1, nil},
		{"q=nothing&limit=1", 1, nil},
	} {
		var got []int64
		pages := 0
		for next := "&"; next != ""; pages++ {
			var a api.SearchAnswer
			collectortest.GetJSON(t, c, "/api/search?"+tt.query+next, &a)
			for _, r := range a.Records {
				got = append(got, r.ID)
			}
			switch next = ""; {
			case a.Before > 0:
				next = fmt.Sprint("&before=", a.Before)
			case a.After > 0:
				next = fmt.Sprint("&after=", a.After)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || pages != tt.pages {
			t.Errorf("%s: %d pages, want %d (-want +got):\n%s", tt.query, pages, tt.pages, diff)
		}
	}
	if status, _ := collectortest.Get(t, c, "/api/search?order=random"); status != 400 {
		t.Errorf("an unknown order: status %d", status)
	}
}
