package collector

import (
	"fmt"
	"strings"
	"testing"
)

// Values that are too many to be told apart are values beyond those shown: the
// records do not miss the field.
func TestFacetsBeyond(t *testing.T) {
	s := newStore(t)
	rows := someRows(maxGroups + 1000)
	for i := range rows {
		fields := map[string]any{"many": int64(i)}
		if i%40 == 0 { // 30 kB each: a block knows which rows have them, no more
			fields["wide"] = fmt.Sprint(i, strings.Repeat("x", 30_000))
		}
		rows[i].fields = string(appendFields(nil, fields))
	}
	if _, err := s.write(rows[:len(rows)/2], noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	if _, err := s.write(rows[len(rows)/2:], noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	got, err := facets(t.Context(), s.span(filterOf(t, Query{})), []string{"many", "wide", "none"}, 10)
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
			t.Errorf("%s: %d records have it and %d miss it, want %d and %d", f.Field, present, f.Missing, want.present, want.missing)
		}
	}
}
