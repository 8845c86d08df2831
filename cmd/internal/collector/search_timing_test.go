package collector

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/internal/browsertest"
)

// handled is the kth of n records as the handlers of a Sysmetric and of TTPs send
// them, over the last five minutes.
func handled(k, n int, began int64) row {
	fields := map[string]any{"level_name": "INFO", "seq": int64(k), "project": "covid", "epoch": int64(k % 100), "loss": 1 / float64(k+1)}
	logger, message := fmt.Sprint("TTP_hospital-", k%7), fmt.Sprint("Aligned model with participant number ", k)
	if k%2 == 0 {
		logger, message = fmt.Sprint("SYS_host-", k%5), "Probed system's hardware usage successfully."
		for j, name := range []string{"cpu_percent", "disk_read_rate", "disk_write_rate", "net_sent_rate", "net_recv_rate"} {
			fields[name] = float64(k%997) * float64(j+1) / 7
		}
		for j, name := range []string{"memory_total", "memory_used", "memory_available", "memory_free", "disk_read_counter", "disk_write_counter",
			"disk_read_bytes", "disk_write_bytes", "net_packets_recv", "net_packets_sent", "net_bytes_recv", "net_bytes_sent"} {
			fields[name] = int64(k) * int64(j+1) * 1000
		}
	}
	if k == n/2 {
		message = "needle"
	}
	fields["logger"], fields["event"] = logger, message
	ts := began + int64(k)*299_000/int64(n)
	return row{
		received: ts, timestamp: ts, level: 6 - k%5, streams: routeLogger(logger), logger: logger, source: "hospital-1", message: message,
		fields: string(appendFields(nil, fields)), remoteIP: "127.0.0.1", remotePort: 4711, input: "TTP Logs",
	}
}

// fill stores n such records.
func fill(t testing.TB, s *store, n int) {
	t.Helper()
	began := time.Now().Add(-299 * time.Second).UnixMilli()
	for at := 0; at < n; {
		rows := make([]row, min(20_000, n-at))
		for i := range rows {
			rows[i] = handled(at+i, n, began)
		}
		if _, err := s.write(rows, noLimit, noLimit); err != nil {
			t.Fatal(err)
		}
		at += len(rows)
	}
}

// BenchmarkStored measures what the page asks of a store of a million records,
// as medians, the first time and when it was asked before.
func BenchmarkStored(b *testing.B) {
	c, err := New(Options{Inputs: freeInputs(), Page: PageOff, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	const n = 1_000_000
	began := time.Now()
	fill(b, c.store, n)
	b.Logf("%d records written in %v, %d MB", n, time.Since(began), c.store.bytes()>>20)
	ctx := context.Background()
	search := func(q Query) func() (int, error) {
		return func() (int, error) { r, err := c.Search(ctx, q); return len(r), err }
	}
	tab := func(title string) func() (int, error) {
		return func() (int, error) {
			d, err := tabData(ctx, newAPI(c.store, c), title, time.Time{}, time.Time{})
			return len(d.Widgets), err
		}
	}
	for _, tt := range []struct {
		name string
		do   func() (int, error)
	}{
		{"search/common", search(Query{Text: "model"})},
		{"search/rare", search(Query{Text: "needle"})},
		{"search/absent", search(Query{Text: "nowhere"})},
		{"search/never_together", search(Query{Text: "probed AND model"})},
		{"search/phrase", search(Query{Text: `"with participant number 499999"`})},
		{"search/absent_phrase", search(Query{Text: `"model aligned"`, Stream: "TTP"})},
		{"search/word_of_message", search(Query{Text: "message:needle"})},
		{"search/prefix", search(Query{Text: "needl*"})},
		{"search/infix", search(Query{Text: "*eedl*"})},
		{"search/absent_wildcard", search(Query{Text: "n*w*ere"})},
		{"search/absent_pattern", search(Query{Text: "with*model"})},
		{"search/range", search(Query{Text: "seq:[1000 TO 1010]"})},
		{"search/not", search(Query{Text: "NOT model AND NOT probed"})},
		{"tab/Sysmetric", tab("Sysmetric")},
		{"tab/TTP", tab("TTP")},
		{"histogram", func() (int, error) {
			t, err := newAPI(c.store, c).aggregate(ctx, Query{Text: "model"}, []Pivot{{Row: &Group{Field: "timestamp"}, Column: &Group{Field: "level"}, Series: []Series{{Function: "count"}}}})
			return len(t), err
		}},
		{"histogram/phrase", func() (int, error) {
			t, err := newAPI(c.store, c).aggregate(ctx, Query{Text: `"aligned model"`}, []Pivot{{Row: &Group{Field: "timestamp"}, Series: []Series{{Function: "count"}}}})
			return len(t), err
		}},
		{"facets/phrase", func() (int, error) {
			f, err := facets(ctx, c.store.span(filterOf(b, Query{Text: `"aligned model"`})), []string{"logger", "level"}, 10)
			return int(f.Records), err
		}},
		{"facets", func() (int, error) {
			f, err := facets(ctx, c.store.span(filterOf(b, Query{})), []string{"logger", "level", "source", "streams", "seq"}, 10)
			return int(f.Records), err
		}},
	} {
		b.Run(tt.name, func(b *testing.B) {
			var times []time.Duration
			found := 0
			for b.Loop() {
				c.store.dropCache() // as if nobody had asked before
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

// BenchmarkBusy measures what the page asks of a store of a million records
// while a sender sends as fast as it is taken.
func BenchmarkBusy(b *testing.B) {
	c := start(b, Options{Dir: b.TempDir(), MaxRecords: 1_500_000})
	fill(b, c.store, 1_000_000)
	began := time.Now()
	halt := flood(b, c)
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
			_, err := tabData(b.Context(), newAPI(c.store, c), "Sysmetric", time.Time{}, time.Time{})
			return err
		})
		for text, times := range map[string]*[]time.Duration{"needle": &rare, "nowhere": &absent} {
			ask(times, func() error { _, err := c.Search(b.Context(), Query{Text: text}); return err })
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

// flood sends records as fast as they are taken, until it is halted.
func flood(b *testing.B, c *Collector) (halt func()) {
	chunk, _ := benchFrames()
	conn := dial(b, c, "TTP Logs")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := conn.Write(chunk); err != nil {
				b.Error(err)
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
	}
}

// BenchmarkPage measures in a browser how long after the navigation a view is
// drawn: with few records in the store, with a million of which nobody has asked
// before, and with those while a sender sends as fast as it is taken.
func BenchmarkPage(b *testing.B) {
	for _, tt := range []struct {
		name    string
		records int
		busy    bool
	}{{"few", 1_000, false}, {"million", 1_000_000, false}, {"busy", 1_000_000, true}} {
		b.Run(tt.name, func(b *testing.B) {
			c := start(b, Options{Dir: b.TempDir(), MaxRecords: 3_000_000})
			fill(b, c.store, tt.records)
			page := browsertest.New(b, 1500, 1000)
			if tt.busy {
				b.Cleanup(flood(b, c))
			}
			times := make(map[string][]float64)
			for b.Loop() {
				for _, view := range []struct{ name, path, mark string }{
					{"sysmetric", "?tab=Sysmetric&range=0", "drawn"}, {"ttp", "?tab=TTP&range=0", "drawn"},
					{"search", "search", "listed"}, {"search+charts", "search", "drawn"}, {"rare", "search?q=needle", "listed"}, {"absent", "search?q=%22model+aligned%22", "listed"},
				} {
					c.store.dropCache()
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
