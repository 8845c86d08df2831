package collector

import (
	"strings"
	"testing"
)

// BenchmarkBlock measures what a record costs in its block: bytes, by what they
// are, and the time to make them.
func BenchmarkBlock(b *testing.B) {
	rows := make([]row, blockRows)
	for i := range rows {
		rows[i] = handled(100_000+i, 1_000_000, 0)
	}
	var builder blockBuilder
	var parts map[string][]byte
	b.ReportAllocs()
	for b.Loop() {
		parts = builder.build(rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rows)), "ns/record")
	columns := 0
	for name, data := range parts {
		if name[0] == ' ' && name != streamsColumn {
			b.ReportMetric(float64(len(data))/blockRows, "B/"+strings.ReplaceAll(name[1:], " ", "_"))
		} else {
			columns += len(data)
		}
	}
	b.ReportMetric(float64(columns)/blockRows, "B/columns")
}
