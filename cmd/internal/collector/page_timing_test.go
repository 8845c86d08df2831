package collector_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storetest"
)

// BenchmarkPage measures in a browser the time from the navigation until a view is
// drawn: with few records, with a million records that nobody has read before, and
// while records arrive at full speed.
func BenchmarkPage(b *testing.B) {
	for _, tt := range []struct {
		name    string
		records int
		busy    bool
	}{{"few", 1_000, false}, {"million", 1_000_000, false}, {"busy", 1_000_000, true}} {
		b.Run(tt.name, func(b *testing.B) {
			c := collectortest.Start(b, collector.Config{Dir: b.TempDir(), MaxRecords: 3_000_000})
			storetest.Fill(b, collector.StoreOf(c), tt.records)
			page := browsertest.New(b, 1500, 1000)
			if tt.busy {
				b.Cleanup(collectortest.Flood(b, c))
			}
			times := make(map[string][]float64)
			for b.Loop() {
				for _, view := range []struct{ name, path, mark string }{
					{"sysmetric", "?tab=Sysmetric&range=0", "drawn"}, {"ttp", "?tab=TTP&range=0", "drawn"},
					{"search", "search", "listed"},
					{"search+charts", "search", "drawn"},
					{"rare", "search?q=needle", "listed"},
					{"absent", "search?q=%22model+aligned%22", "listed"},
				} {
					collector.StoreOf(c).DropCache()
					page.Open(c.PageURL() + view.path)
					page.Until(view.name, fmt.Sprintf(`performance.getEntriesByName(%q).length > 0`, view.mark))
					ms := page.Eval(fmt.Sprintf(`return performance.getEntriesByName(%q)[0].startTime`, view.mark))
					times[view.name] = append(times[view.name], ms.(float64))
				}
			}
			for name, all := range times {
				slices.Sort(all)
				b.ReportMetric(all[len(all)/2], "ms/"+name)
			}
		})
	}
}
