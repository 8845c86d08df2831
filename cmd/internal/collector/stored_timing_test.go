package collector_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/dashboard"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/pivot"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storetest"
)

// BenchmarkStored measures what the pages request from a store of a million records:
// medians of first reads, and a repeated read.
func BenchmarkStored(b *testing.B) {
	c, err := collector.New(collector.Config{
		Inputs: collectortest.FreeInputs(),
		Page:   collector.PageOff,
		Dir:    b.TempDir(),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	const n = 1_000_000
	began := time.Now()
	storetest.Fill(b, collector.StoreOf(c), n)
	b.Logf("%d records written in %v, %d MB", n, time.Since(began), collector.StoreOf(c).Size()>>20)
	ctx := context.Background()
	find := func(q search.Query) func() (int, error) {
		return func() (int, error) { r, err := c.Search(ctx, q); return len(r), err }
	}
	tab := func(title string) func() (int, error) {
		return func() (int, error) {
			d, err := dashboard.LoadTab(ctx, api.New(collector.StoreOf(c), c), title, time.Time{}, time.Time{})
			return len(d.Widgets), err
		}
	}
	for _, tt := range []struct {
		name string
		do   func() (int, error)
	}{
		{"search/common", find(search.Query{Text: "model"})},
		{"search/rare", find(search.Query{Text: "needle"})},
		{"search/absent", find(search.Query{Text: "nowhere"})},
		{"search/never_together", find(search.Query{Text: "probed AND model"})},
		{"search/phrase", find(search.Query{Text: `"with participant number 499999"`})},
		{"search/absent_phrase", find(search.Query{Text: `"model aligned"`, Stream: "TTP"})},
		{"search/word_of_message", find(search.Query{Text: "message:needle"})},
		{"search/prefix", find(search.Query{Text: "needl*"})},
		{"search/infix", find(search.Query{Text: "*eedl*"})},
		{"search/absent_wildcard", find(search.Query{Text: "n*w*ere"})},
		{"search/absent_pattern", find(search.Query{Text: "with*model"})},
		{"search/range", find(search.Query{Text: "seq:[1000 TO 1010]"})},
		{"search/not", find(search.Query{Text: "NOT model AND NOT probed"})},
		{"tab/Sysmetric", tab("Sysmetric")},
		{"tab/TTP", tab("TTP")},
		{"histogram", func() (int, error) {
			t, err := api.New(collector.StoreOf(c), c).Aggregate(ctx, search.Query{Text: "model"},
				[]pivot.Pivot{
					{
						Row:    &pivot.Group{Field: "timestamp"},
						Column: &pivot.Group{Field: "level"},
						Series: []pivot.Series{{Function: "count"}},
					},
				})
			return len(t), err
		}},
		{"histogram/phrase", func() (int, error) {
			t, err := api.New(collector.StoreOf(c), c).Aggregate(ctx, search.Query{Text: `"aligned model"`},
				[]pivot.Pivot{{Row: &pivot.Group{Field: "timestamp"}, Series: []pivot.Series{{Function: "count"}}}})
			return len(t), err
		}},
		{"facets/phrase", func() (int, error) {
			f, err := pivot.CountFacets(ctx, collector.StoreOf(c).Snapshot(selectedBy(b, search.Query{
				Text: `"aligned model"`,
			})),
				[]string{"logger", "level"}, 10)
			return int(f.Records), err
		}},
		{"facets", func() (int, error) {
			f, err := pivot.CountFacets(ctx, collector.StoreOf(c).Snapshot(selectedBy(b, search.Query{})),
				[]string{"logger", "level", "source", "streams", "seq"}, 10)
			return int(f.Records), err
		}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			var times []time.Duration
			found := 0
			for b.Loop() {
				collector.StoreOf(c).DropCache() // as if nobody had read the store before
				began := time.Now()
				var err error
				if found, err = tt.do(); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(began))
			}
			slices.Sort(times)
			began := time.Now()
			if _, err := tt.do(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms/median")
			b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "ms/again")
			b.ReportMetric(float64(found), "found")
		})
	}
}

// BenchmarkBusy measures what the pages request from a store of a million records
// while records arrive at full speed.
func BenchmarkBusy(b *testing.B) {
	c := collectortest.Start(b, collector.Config{Dir: b.TempDir(), MaxRecords: 1_500_000})
	storetest.Fill(b, collector.StoreOf(c), 1_000_000)
	began := time.Now()
	halt := collectortest.Flood(b, c)
	time.Sleep(3 * time.Second)
	var tabs, rare, absent []time.Duration
	ask := func(times *[]time.Duration, do func() error) {
		began := time.Now()
		if err := do(); err != nil {
			b.Fatal(err)
		}
		*times = append(*times, time.Since(began))
	}
	for b.Loop() {
		ask(&tabs, func() error {
			_, err := dashboard.LoadTab(
				b.Context(),
				api.New(collector.StoreOf(c), c),
				"Sysmetric",
				time.Time{},
				time.Time{},
			)
			return err
		})
		for text, times := range map[string]*[]time.Duration{"needle": &rare, "nowhere": &absent} {
			ask(times, func() error { _, err := c.Search(b.Context(), search.Query{Text: text}); return err })
		}
		time.Sleep(200 * time.Millisecond)
	}
	halt()
	b.ReportMetric(float64(c.Stats().Stored)/time.Since(began).Seconds(), "records/s")
	for name, times := range map[string][]time.Duration{"tab": tabs, "rare": rare, "absent": absent} {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms/"+name)
	}
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			if strings.HasPrefix(line, "VmHWM") {
				b.Log(strings.TrimSpace(line))
			}
		}
	}
}

// selectedBy compiles a query.
func selectedBy(b *testing.B, q search.Query) store.Filter {
	f, err := search.NewFilter(q)
	if err != nil {
		b.Fatal(err)
	}
	return f
}
