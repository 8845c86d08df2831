package pivot

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storetest"
)

// Values that are too many or too long to be counted separately are counted as other
// values.
func TestFacetsCountOtherValues(t *testing.T) {
	s := storetest.Open(t)
	rows := rowtest.Simple(maxGroups + 1000)
	for i := range rows {
		fields := map[string]any{"many": int64(i)}
		if i%40 == 0 { // 30 kB each: the block only knows which rows have a value
			fields["wide"] = fmt.Sprint(i, strings.Repeat("x", 30_000))
		}
		rows[i].Fields = string(index.AppendFields(nil, fields))
	}
	if _, err := s.Write(rows[:len(rows)/2], storetest.NoLimit, storetest.NoLimit); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(rows[len(rows)/2:], storetest.NoLimit, storetest.NoLimit); err != nil {
		t.Fatal(err)
	}
	got, err := CountFacets(t.Context(), s.Snapshot(matching(t, search.Query{})), []string{"many", "wide", "none"}, 10)
	if err != nil {
		t.Fatal(err)
	}
	n := int64(len(rows))
	for i, want := range []struct{ present, missing int64 }{{n, 0}, {n / 40, n - n/40}, {0, n}} {
		f := got.Facets[i]
		present := f.Other
		for _, v := range f.Values {
			present += v.Records
		}
		if present != want.present || f.Missing != want.missing {
			t.Errorf("%s: %d records have it and %d miss it, want %d and %d", f.Field, present, f.Missing, want.present,
				want.missing)
		}
	}
}

// Facets stop at their bound although there are more blocks.
func TestFacetsRecordLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("stores many records")
	}
	s := storetest.Open(t)
	for range 12 {
		if _, err := s.Write(rowtest.Simple(20_000), storetest.NoLimit, storetest.NoLimit); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		f, err := CountFacets(t.Context(), s.Snapshot(matching(t, search.Query{})), []string{"logger"}, 10)
		if err != nil || f.Complete || f.Records < facetRecords || f.Records > facetRecords+index.BlockRows {
			t.Fatalf("%d records, complete %v, %v", f.Records, f.Complete, err)
		}
	}
}
