package collector_test

import (
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
)

// BenchmarkIngest measures the rate of records from a TCP connection into the store,
// one record per iteration: -benchtime=1000000x fills a store. The records have the
// size of those that the handlers send.
func BenchmarkIngest(b *testing.B) {
	for _, dir := range []string{"temporary", "disk"} {
		b.Run(dir, func(b *testing.B) {
			cfg := collector.Config{MaxRecords: 10_000_000}
			if dir == "disk" {
				cfg.Dir = b.TempDir()
			}
			c := collectortest.Start(b, cfg)
			chunk, n := collectortest.BenchFrames()
			conn := collectortest.Dial(b, c, "TTP Logs")
			b.SetBytes(int64(len(chunk) / n))
			b.ReportAllocs()
			b.ResetTimer()
			began := time.Now()
			sent := 0
			for ; sent < b.N; sent += n {
				if _, err := conn.Write(chunk); err != nil {
					b.Fatal(err)
				}
			}
			for c.Stats().Stored < int64(sent) {
				time.Sleep(time.Millisecond)
			}
			b.ReportMetric(float64(sent)/time.Since(began).Seconds(), "records/s")
		})
	}
}
