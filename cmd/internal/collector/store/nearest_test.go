package store

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/match"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
)

// A search by time finds the same records as a scan of all records, although it leaves
// out blocks.
func TestNearestFindsLikeScan(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	s := testStore(t)
	rows := rowtest.Random(r, 4*index.BlockRows+300)
	for i := range rows { // blocks follow each other and overlap; some records are late or early
		rows[i].Timestamp = int64(i / 3)
		switch r.IntN(50) {
		case 0:
			rows[i].Timestamp -= int64(r.IntN(3 * index.BlockRows))
		case 1:
			rows[i].Timestamp = int64(r.IntN(2 * index.BlockRows))
		}
	}
	for rest := rows; len(rest) > 0; rest = rest[min(3000, len(rest)):] {
		if _, err := s.Write(rest[:min(3000, len(rest))], math.MaxInt, math.MaxInt); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.state.Load().blocks) < 4 || len(s.state.Load().tail) == 0 {
		t.Fatal("the store has no blocks, or no tail")
	}
	queries := []storeQuery{
		{}, {Text: "foo"}, {Text: `"foo bar"`}, {Text: "_exists_:f7"}, {Text: "nowhere"}, {After: 2000, Before: 9000},
		{From: time.UnixMilli(1000), To: time.UnixMilli(1500)}, {From: time.UnixMilli(900), Text: "NOT foo"},
	}
	moments := []Moment{LastMoment, {match.MinTime, 0}}
	for range 12 {
		i := r.IntN(len(rows))
		moments = append(moments, Moment{rows[i].Timestamp, int64(i + 1)})
	}
	for _, q := range queries {
		snap := s.Snapshot(filterFor(t, q))
		var all []Moment // the matching records in order
		for i := range rows {
			if id := int64(i + 1); id >= snap.Lo && id < snap.Hi && snap.Match.Match(&rows[i]) {
				all = append(all, Moment{rows[i].Timestamp, id})
			}
		}
		slices.SortFunc(all, Moment.compare)
		for _, at := range moments {
			i, itself := slices.BinarySearchFunc(all, at, Moment.compare)
			before, after := slices.Clone(all[:i]), all[i:]
			slices.Reverse(before)
			if itself {
				after = after[1:]
			}
			for _, k := range []int{0, 1, 5, 1000} {
				for want, backward := range map[*[]Moment]bool{&before: true, &after: false} {
					got, err := snap.Nearest(t.Context(), at, backward, k)
					if err != nil {
						t.Fatal(err)
					}
					if want := (*want)[:min(k, len(*want))]; !slices.Equal(got, want) {
						t.Errorf("%+v at %v, backward %v, %d: %.200v, want %.200v", q, at, backward, k, got, want)
					}
				}
			}
		}
	}
}
