package index_test

import (
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
)

// BenchmarkBlock measures the size of a record in its block, by part, and the time to
// build the block.
func BenchmarkBlock(b *testing.B) {
	rows := make([]index.Row, index.BlockRows)
	for i := range rows {
		rows[i] = rowtest.Handled(100_000+i, 1_000_000, 0)
	}
	var builder index.Builder
	var parts map[string][]byte
	b.ReportAllocs()
	for b.Loop() {
		parts = builder.Build(rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(rows)), "ns/record")
	columns := 0
	for name, data := range parts {
		if name[0] == ' ' && name != index.StreamsColumn {
			b.ReportMetric(float64(len(data))/index.BlockRows, "B/"+strings.ReplaceAll(name[1:], " ", "_"))
		} else {
			columns += len(data)
		}
	}
	b.ReportMetric(float64(columns)/index.BlockRows, "B/columns")
}
