package store

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
)

// Ascend and Descend find the same records.
func TestAscendReversesDescend(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := testStore(t)
	if _, err := s.Write(rowtest.Random(r, 2*index.BlockRows+500), math.MaxInt, math.MaxInt); err != nil {
		t.Fatal(err)
	}
	for _, q := range []storeQuery{
		{},
		{Text: "foo"},
		{Text: `"foo bar"`},
		{Text: "NOT r:3", After: 100, Before: 2*index.BlockRows + 3},
		{After: index.BlockRows - 1, Before: index.BlockRows + 2},
		{After: 2*index.BlockRows + 400},
		{After: 1 << 40},
	} {
		var down, up []int64
		f := filterFor(t, q)
		if err := s.Snapshot(f).Descend(t.Context(),
			func(id int64, _ *index.Row) bool { down = append(down, id); return true }); err != nil {
			t.Fatal(err)
		}
		if err := s.Snapshot(f).Ascend(t.Context(),
			func(id int64, _ *index.Row) bool { up = append(up, id); return true }); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(down)
		if diff := cmp.Diff(down, up); diff != "" {
			t.Errorf("%+v (-descending +ascending):\n%.400s", q, diff)
		}
	}
	for _, want := range []int{1, index.BlockRows, index.BlockRows + 1, 2*index.BlockRows + 500} {
		n := 0
		err := s.Snapshot(filterFor(t, storeQuery{})).Ascend(t.Context(),
			func(id int64, _ *index.Row) bool { n++; return n < want })
		if err != nil || n != want {
			t.Errorf("ascending ended after %d records, %v; want %d", n, err, want)
		}
	}
}
