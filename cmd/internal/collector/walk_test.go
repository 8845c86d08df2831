package collector

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Both ways through a store meet the same records.
func TestAscend(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	s := newStore(t)
	if _, err := s.write(randomRows(r, 2*blockRows+500), noLimit, noLimit); err != nil {
		t.Fatal(err)
	}
	for _, q := range []Query{{}, {Text: "foo"}, {Text: `"foo bar"`}, {Text: "NOT r:3", After: 100, Before: 2*blockRows + 3}, {After: blockRows - 1, Before: blockRows + 2}, {After: 2*blockRows + 400}, {After: 1 << 40}} {
		var down, up []int64
		f := filterOf(t, q)
		if err := s.span(f).descend(t.Context(), func(id int64, _ *row) bool { down = append(down, id); return true }); err != nil {
			t.Fatal(err)
		}
		if err := s.span(f).ascend(t.Context(), func(id int64, _ *row) bool { up = append(up, id); return true }); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(down)
		if diff := cmp.Diff(down, up); diff != "" {
			t.Errorf("%+v (-descending +ascending):\n%.400s", q, diff)
		}
	}
	for _, want := range []int{1, blockRows, blockRows + 1, 2*blockRows + 500} {
		n := 0
		err := s.span(filterOf(t, Query{})).ascend(t.Context(), func(id int64, _ *row) bool { n++; return n < want })
		if err != nil || n != want {
			t.Errorf("ascending ended after %d records, %v; want %d", n, err, want)
		}
	}
}

// Page by page, a search finds each record once and then says that it is done.
func TestSearchPages(t *testing.T) {
	c := start(t, Options{})
	var frames []string
	for i := range 25 {
		frames = append(frames, frame([]string{"TTP_a", "DIR_a"}[i%2], fmt.Sprint("record ", i)))
	}
	send(t, c, "TTP Logs", frames...)
	await(t, c, Query{}, len(frames))
	ids := func(n, step, from int64) (all []int64) {
		for id := from; 0 < id && id <= n; id += step {
			all = append(all, id)
		}
		return all
	}
	for _, tt := range []struct {
		query string
		pages int
		want  []int64
	}{
		{"limit=4", 7, ids(25, -1, 25)},
		{"limit=4&order=newest&stream=DIR", 4, ids(25, -2, 24)}, // the last page is empty
		{"limit=25", 1, ids(25, -1, 25)},
		{"limit=4&order=oldest", 7, ids(25, 1, 1)},
		{"limit=5&order=oldest", 5, ids(25, 1, 1)},
		{"limit=4&order=oldest&stream=TTP", 4, ids(25, 2, 1)},
		{"order=oldest&after=20", 1, ids(25, 1, 21)},
		{"limit=2&order=oldest&before=4", 2, ids(3, 1, 1)},
		{"order=oldest&after=25", 1, nil},
		{"q=nothing&limit=1", 1, nil},
	} {
		var got []int64
		pages := 0
		for next := "&"; next != ""; pages++ {
			var a searchAnswer
			getJSON(t, c, "/api/search?"+tt.query+next, &a)
			for _, r := range a.Records {
				got = append(got, r.ID)
			}
			switch next = ""; {
			case a.Before > 0:
				next = fmt.Sprint("&before=", a.Before)
			case a.After > 0:
				next = fmt.Sprint("&after=", a.After)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || pages != tt.pages {
			t.Errorf("%s: %d pages, want %d (-want +got):\n%s", tt.query, pages, tt.pages, diff)
		}
	}
	if status, _ := get(t, c, "/api/search?order=random"); status != 400 {
		t.Errorf("an order that is none: status %d", status)
	}
}
