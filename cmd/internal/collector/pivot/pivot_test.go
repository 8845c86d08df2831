package pivot

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storetest"
)

// matching compiles a query.
func matching(t *testing.T, q search.Query) store.Filter {
	t.Helper()
	f, err := search.NewFilter(q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A pivot over blocks has the same numbers as a scan of all records.
func TestAggregate(t *testing.T) {
	s := storetest.Open(t)
	const n = 2*index.BlockRows + 100
	storetest.Fill(t, s, n)
	f := matching(t, search.Query{Stream: "Sysmetric", Text: `(probed needle) AND NOT "probed usage"`})
	series := []Series{{Function: "count"}}
	for _, function := range functions[1:] {
		series = append(series, Series{function, "net_bytes_sent"})
	}
	tables, err := Aggregate(t.Context(), s.Snapshot(f), []Pivot{
		{Row: &Group{Field: "logger"}, Series: series},
		{Row: &Group{Field: "timestamp"}, Column: &Group{Field: "logger", Limit: 2}, Series: series[:1]},
		{Column: &Group{Field: "nothing", Empty: true}, Series: series[:1]},
		{Row: &Group{Field: "nothing"}, Series: series[:1]},
	})
	if err != nil {
		t.Fatal(err)
	}

	type sums struct{ n, sum, squares, least, most, latest float64 }
	want := map[string]*sums{}
	spans := map[int64]float64{}
	matching := 0.0
	err = s.Snapshot(f).Descend(t.Context(), func(_ int64, r *index.Row) bool {
		matching++
		v, _ := r.Field("net_bytes_sent")
		x, _ := v.Number()
		w := want[r.Logger]
		if w == nil {
			w = &sums{least: x, most: x, latest: x} // newest first
			want[r.Logger] = w
		}
		w.n++
		w.sum += x
		w.squares += x * x
		w.least, w.most = min(w.least, x), max(w.most, x)
		spans[floorTo(r.Timestamp, tables[1].Interval)]++
		return true
	})
	if err != nil || matching != n/2 {
		t.Fatalf("%v records match, %v", matching, err)
	}
	if len(tables[0].Rows) != len(want) {
		t.Errorf("rows %v", tables[0].Rows)
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(b) }
	for i, key := range tables[0].Rows {
		w := want[key.(string)]
		mean := w.sum / w.n
		for s, x := range []float64{w.n, mean, w.sum, w.least, w.most, math.Sqrt(w.squares/w.n - mean*mean), w.latest} {
			if got := *tables[0].Cells[i][0][s]; !near(got, x) {
				t.Errorf("%s: %s is %v, want %v", key, series[s], got, x)
			}
		}
	}
	if by := tables[1]; by.Interval != 5000 || len(by.Columns) != 2 || len(by.Rows) < 59 || len(by.Rows) > 62 ||
		by.Other == 0 {
		t.Errorf("by time: %d ms, columns %v, %d rows, %d others", by.Interval, by.Columns, len(by.Rows), by.Other)
	} else {
		sum := float64(by.Other)
		for _, row := range by.Cells {
			for _, cell := range row {
				if cell[0] != nil {
					sum += *cell[0]
				}
			}
		}
		if sum != matching {
			t.Errorf("by time there are %v records, want %v", sum, matching)
		}
	}
	if all := tables[2]; len(all.Cells) != 1 || *all.Cells[0][0][0] != matching {
		t.Errorf("without a field: %+v", all)
	}
	if none := tables[3]; len(none.Rows) != 0 || len(none.Cells) != 0 {
		t.Errorf("by a field that no record has: %+v", none)
	}

	facets, err := CountFacets(t.Context(), s.Snapshot(f), []string{"logger", "streams", "nothing"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if facets.Records != n/2 || !facets.Complete ||
		len(facets.Facets[0].Values) != 2 || facets.Facets[2].Missing != n/2 {
		t.Errorf("facets %+v", facets)
	}
	if diff := cmp.Diff([]Count{{"Sysmetrics Stream", n / 2}}, facets.Facets[1].Values); diff != "" {
		t.Errorf("streams (-want +got):\n%s", diff)
	}
	if got := facets.Facets[0]; got.Values[0].Records+got.Values[1].Records+got.Other+got.Missing != n/2 {
		t.Errorf("facet %+v does not add up", got)
	}
}

// A block that is deleted between the two passes is in none of the tables.
func TestAggregateSkipsDeletedBlocks(t *testing.T) {
	s := storetest.Open(t)
	if _, err := s.Write(rowtest.Simple(index.BlockRows+10), storetest.NoLimit, storetest.NoLimit); err != nil {
		t.Fatal(err)
	}
	pivots := []Pivot{{Row: &Group{Field: "timestamp"}, Series: []Series{{Function: "count"}}}}
	snap := s.Snapshot(matching(t, search.Query{Text: "message"}))
	hits, values, err := survey(t.Context(), snap, pivots)
	if err != nil || len(hits) != 2 {
		t.Fatalf("%d hits, %v", len(hits), err)
	}
	if _, err := s.Clear(); err != nil {
		t.Fatal(err)
	}
	s.DropCache()
	tables, err := tabulate(t.Context(), snap, pivots, hits, values)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, row := range tables[0].Cells {
		if row[0][0] != nil {
			sum += *row[0][0]
		}
	}
	if sum != 10 { // of the tail, which is in memory
		t.Errorf("%v records are counted, want 10", sum)
	}
}

// Tables by time have the same bound as others.
func TestPivotCellLimit(t *testing.T) {
	for _, tt := range []struct {
		field string
		limit int
		ok    bool
	}{{"timestamp", 322, true}, {"timestamp", 323, false}, {"logger", 1000, true}, {"logger", 1001, false}} {
		p := Pivot{
			Row:    &Group{Field: tt.field},
			Column: &Group{Field: "seq", Limit: tt.limit},
			Series: []Series{{Function: "count"}},
		}
		if err := p.check(); (err == nil) != tt.ok {
			t.Errorf("%s and %d columns: %v", tt.field, tt.limit, err)
		}
	}
}

// Values that are too many, or too long to be counted separately, are counted as other
// values.
func TestAggregateCountsOtherValues(t *testing.T) {
	s := storetest.Open(t)
	rows := rowtest.Simple(maxGroups + 2*index.BlockRows)
	for i := range rows {
		fields := map[string]any{"seq": int64(i)}
		if i < 30 {
			fields["long"] = strings.Repeat("long ", 20_000) + fmt.Sprint(i)
		}
		rows[i].Fields = string(index.AppendFields(nil, fields))
	}
	if _, err := s.Write(rows, storetest.NoLimit, storetest.NoLimit); err != nil {
		t.Fatal(err)
	}
	n := int64(len(rows))
	all := matching(t, search.Query{})
	f, err := CountFacets(t.Context(), s.Snapshot(all), []string{"seq", "long", "nothing"}, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Facet{{Other: n - 10}, {Other: 30, Missing: n - 30}, {Missing: n}} {
		if got := f.Facets[i]; got.Other != want.Other || got.Missing != want.Missing {
			t.Errorf(
				"%s: %d others, %d missing; want %d and %d",
				got.Field,
				got.Other,
				got.Missing,
				want.Other,
				want.Missing,
			)
		}
	}
	tables, err := Aggregate(t.Context(), s.Snapshot(all),
		[]Pivot{{Row: &Group{Field: "long", Empty: true}, Series: []Series{{Function: "count"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := tables[0]; len(got.Rows) != 1 || *got.Cells[0][0][0] != float64(n-30) || got.Other != 30 {
		t.Errorf("rows %v, %d others", got.Rows, got.Other)
	}
}
