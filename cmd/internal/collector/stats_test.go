package collector_test

import (
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// The statistics show since when there are records, and whether they outlive the
// process.
func TestStatsOldestAndPersistent(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // the second start finds the records of the first
		c, stop := collectortest.StartStop(t, collector.Config{Dir: dir})
		var s api.Stats
		collectortest.GetJSON(t, c, "/api/stats", &s)
		if !s.Persistent || (s.Oldest != nil) != (s.Records > 0) {
			t.Errorf("with a directory: persistent %v, oldest %v of %d records", s.Persistent, s.Oldest, s.Records)
		}
		oldest := s.Oldest
		collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "one"))
		collectortest.Await(t, c, search.Query{}, int(s.Records)+1)
		collectortest.GetJSON(t, c, "/api/stats", &s)
		first, err := c.Search(t.Context(), search.Query{Oldest: true, Limit: 1})
		if err != nil || s.Oldest == nil || !s.Oldest.Equal(first[0].Received) ||
			oldest != nil && !oldest.Equal(*s.Oldest) {
			t.Errorf("oldest is %v, before %v, and of the record %v, %v", s.Oldest, oldest, first, err)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	c := collectortest.Start(t, collector.Config{MaxRecords: 3})
	for range 5 {
		collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "one"))
		time.Sleep(2 * time.Millisecond)
	}
	collectortest.Await(t, c, search.Query{After: 4}, 1)
	first, err := c.Search(t.Context(), search.Query{Oldest: true, Limit: 1})
	if s := c.Stats(); err != nil || s.Persistent || s.Oldest == nil || !s.Oldest.Equal(first[0].Received) ||
		first[0].ID != 3 {
		t.Errorf("persistent %v, oldest %v of %+v, %v", s.Persistent, s.Oldest, first, err)
	}
	if _, err := c.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := c.Stats(); s.Oldest != nil {
		t.Errorf("the oldest record of an empty store is from %v", s.Oldest)
	}
}
