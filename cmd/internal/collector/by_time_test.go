package collector

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What is found by time, whatever blocks are left out, is what a look at all
// records finds.
func TestByTime(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	s := newStore(t)
	rows := randomRows(r, 4*blockRows+300)
	for i := range rows { // blocks follow each other and overlap, and some records are late or early
		rows[i].timestamp = int64(i / 3)
		switch r.IntN(50) {
		case 0:
			rows[i].timestamp -= int64(r.IntN(3 * blockRows))
		case 1:
			rows[i].timestamp = int64(r.IntN(2 * blockRows))
		}
	}
	for rest := rows; len(rest) > 0; rest = rest[min(3000, len(rest)):] {
		if _, err := s.write(rest[:min(3000, len(rest))], noLimit, noLimit); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.state.Load().blocks) < 4 || len(s.state.Load().tail) == 0 {
		t.Fatal("the store has no blocks, or no tail")
	}
	queries := []Query{
		{}, {Text: "foo"}, {Text: `"foo bar"`}, {Text: "_exists_:f7"}, {Text: "nowhere"}, {After: 2000, Before: 9000},
		{From: time.UnixMilli(1000), To: time.UnixMilli(1500)}, {From: time.UnixMilli(900), Text: "NOT foo"},
	}
	moments := []moment{lastMoment, {minTime, 0}}
	for range 12 {
		i := r.IntN(len(rows))
		moments = append(moments, moment{rows[i].timestamp, int64(i + 1)})
	}
	for _, q := range queries {
		sp := s.span(filterOf(t, q))
		var all []moment // that match, in order
		for i := range rows {
			if id := int64(i + 1); id >= sp.lo && id < sp.hi && sp.match.match(&rows[i]) {
				all = append(all, moment{rows[i].timestamp, id})
			}
		}
		slices.SortFunc(all, moment.compare)
		for _, at := range moments {
			i, itself := slices.BinarySearchFunc(all, at, moment.compare)
			before, after := slices.Clone(all[:i]), all[i:]
			slices.Reverse(before)
			if itself {
				after = after[1:]
			}
			for _, k := range []int{0, 1, 5, 1000} {
				for want, backward := range map[*[]moment]bool{&before: true, &after: false} {
					got, err := sp.nearest(t.Context(), at, backward, k)
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

// Records that a search has chosen and that are deleted before they are read
// are missing, no more; the others keep their order.
func TestRecordsAt(t *testing.T) {
	s := newStore(t)
	if _, err := s.write(someRows(blockRows+10), noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	sp := s.span(filterOf(t, Query{}))
	moments := []moment{{0, blockRows + 5}, {0, 3}, {0, 4000}, {0, blockRows + 1}, {0, 7}}
	if n, err := s.expire(time.Unix(1004, 0)); n != 4 || err != nil {
		t.Fatal(n, err)
	}
	records, err := recordsAt(t.Context(), sp, moments, briefView)
	var ids []int64
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	if diff := cmp.Diff([]int64{blockRows + 5, 4000, blockRows + 1, 7}, ids); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// A table of the dashboard has the latest records by the time of the sender:
// those that come late, after an outage, stand at their time.
func TestDashboardLate(t *testing.T) {
	c := start(t, Options{})
	now := time.Now()
	at := func(ago time.Duration, message string) string {
		return fmt.Sprintf(`{"version":"1.1","host":"h","short_message":%q,"timestamp":%.3f,"_logger":"TTP_a","_big":"x"}`,
			message, float64(now.Add(-ago).UnixMilli())/1000)
	}
	send(t, c, "TTP Logs", at(3*time.Second, "second"), at(2*time.Second, "third"), at(4*time.Second, "first, late"), at(time.Hour, "long ago"), at(2*time.Second, "fourth"))
	await(t, c, Query{}, 5)
	var d TabData
	getJSON(t, c, "/api/dashboard/data?tab=TTP", &d)
	var got []string
	for _, w := range d.Widgets {
		for _, r := range w.Records {
			got = append(got, r.Message)
			if _, ok := r.Fields["big"]; ok {
				t.Errorf("the table has a field that it does not show: %v", r.Fields)
			}
		}
	}
	if diff := cmp.Diff([]string{"fourth", "third", "second", "first, late"}, got); diff != "" {
		t.Errorf("the table has (-want +got):\n%s", diff)
	}
}
