package record

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// BenchmarkView measures the memory of an answer: truncated texts are not kept, and
// with field names the JSON of a row is not fully parsed.
func BenchmarkView(b *testing.B) {
	fields := make(map[string]any)
	for i := range 60 {
		fields[fmt.Sprint("field_", i)] = strings.Repeat("x", 30_000)
	}
	fields["logger"] = "TTP_a"
	r := &index.Row{Logger: "TTP_a", Message: "short", Fields: string(index.AppendFields(nil, fields))}
	for _, bb := range []struct {
		name string
		v    View
	}{{"whole", View{}}, {"cut", View{Cut: 300}}, {"logger", BriefView}, {"last", View{300, []string{"field_9"}}}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bb.v.Record(1, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
