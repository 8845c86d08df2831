package search

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rowtest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storetest"
)

func filterOf(t testing.TB, q Query) store.Filter {
	t.Helper()
	f, err := NewFilter(q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSearch(t *testing.T) {
	s := storetest.Open(t)
	texts := []index.Row{
		1: {
			Logger:  "TTP_a",
			Source:  "hospital-1",
			Message: "Aligned model",
			Level:   6,
			Fields:  `{"epoch":3,"path":"C:\\logs"}`,
		},
		2: {Logger: "TTP_b", Source: "hospital-2", Message: "100% done_", Level: 4, FullMessage: "Traceback\nBOOM"},
		3: {Logger: "WKR_a", Source: "hospital-1", Message: "Ärger in ΑΘΉΝΑ", Level: 3},
		4: {
			Logger:  "DIR_TTP_a",
			Source:  "host",
			Message: "said \"hi\"",
			Level:   -1,
			Fields:  `{"quote":"say \"ho\"","word":"größe"}`,
		},
		5: {Logger: "x", Source: "host", Message: "urger", Level: 7},
	}
	rows := texts[1:]
	for i := range rows {
		rows[i].Streams = rowtest.StreamsOf(rows[i].Logger)
	}
	if _, err := s.Write(rows, storetest.NoLimit, storetest.NoLimit); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		q    Query
		want []int64
	}{
		{"all", Query{}, []int64{5, 4, 3, 2, 1}},
		{"stream by name", Query{Stream: "ttp"}, []int64{4, 2, 1}},
		{"stream by title", Query{Stream: "TTP Stream"}, []int64{4, 2, 1}},
		{"stream by prefix", Query{Stream: "TTP_"}, []int64{4, 2, 1}},
		{"second stream of a record", Query{Stream: "Director"}, []int64{4}},
		{"default stream", Query{Stream: "default"}, []int64{5}},
		{"word in message, any case", Query{Text: "ALIGNED"}, []int64{1}},
		{"word in full_message", Query{Text: "boom"}, []int64{2}},
		{"word in source", Query{Text: "hospital"}, []int64{3, 2, 1}},
		{"word in logger", Query{Text: "ttp_a"}, []int64{4, 1}},
		{"a field", Query{Text: "_exists_:epoch"}, []int64{1}},
		{"word in a field's value", Query{Text: "logs"}, []int64{1}},
		{"every word must match", Query{Text: "hospital-1 AND model"}, []int64{1}},
		{"a word is enough", Query{Text: "hospital-1 boom"}, []int64{3, 2, 1}},
		{"no such word", Query{Text: "hospital-1 AND nothing"}, nil},
		{"percent is no letter", Query{Text: "100%"}, []int64{2}},
		{"backslash", Query{Text: `c\:\\LOGS`}, []int64{1}},
		{"quote in a message", Query{Text: `"HI"`}, []int64{4}},
		{"quote in a field", Query{Text: `"ho"`}, []int64{4}},
		{"not", Query{Text: "NOT hospital"}, []int64{5, 4}},
		{"range", Query{Text: "level:<=4"}, []int64{3, 2}},
		{"umlaut in any case", Query{Text: "äRGER"}, []int64{3}},
		{"umlaut in a field", Query{Text: "GRÖSSE"}, nil},
		{"umlaut in a field's value", Query{Text: "GRÖßE"}, []int64{4}},
		{"Greek in any case", Query{Text: "αθήνα"}, []int64{3}},
		{"level by name", Query{Level: "warning"}, []int64{3, 2}},
		{"level by number", Query{Level: "3"}, []int64{3}},
		{"level in a stream", Query{Stream: "TTP", Level: "INFO"}, []int64{2, 1}},
		{"after", Query{After: 3}, []int64{5, 4}},
		{"before", Query{Before: 3}, []int64{2, 1}},
		{"between", Query{After: 2, Before: 4}, []int64{3}},
		{"limit", Query{Limit: 2}, []int64{5, 4}},
		{"limit with an umlaut", Query{Text: "Är*", Limit: 1}, []int64{3}},
		{"limit with a filter", Query{Text: "hospital", Limit: 2, Before: 3}, []int64{2, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			records, _, err := Search(t.Context(), s, tt.q, record.View{})
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, r := range records {
				got = append(got, r.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			if tt.q.Limit > 0 {
				return
			}
			if n, err := Count(t.Context(), s.Snapshot(filterOf(t, tt.q)), 100); err != nil || n != len(tt.want) {
				t.Errorf("count is %d, %v; want %d", n, err, len(tt.want))
			}
		})
	}
}

func TestInvalidQuery(t *testing.T) {
	tests := []struct {
		q    Query
		want error
	}{
		{Query{Stream: "nobody"}, record.ErrNoStream},
		{Query{Level: "loud"}, query.ErrInvalid},
		{Query{Level: "8"}, query.ErrInvalid},
		{Query{Limit: -1}, query.ErrInvalid},
		{Query{Limit: 1001}, query.ErrInvalid},
		{Query{After: -1}, query.ErrInvalid},
		{Query{Text: strings.Repeat("x", query.MaxBytes+1)}, query.ErrInvalid},
		{Query{Text: "a AND"}, query.ErrInvalid},
		{Query{Text: "timestamp:soon"}, query.ErrInvalid},
		{Query{Text: "streams:nobody"}, record.ErrNoStream},
		{Query{From: time.Unix(2, 0), To: time.Unix(1, 0)}, query.ErrInvalid},
	}
	for _, tt := range tests {
		if _, err := NewFilter(tt.q); !errors.Is(err, tt.want) {
			t.Errorf("newFilter(%+.40v): %v, want %v", tt.q, err, tt.want)
		}
	}
}

// Records that are deleted between the search and the reading are left out. The others
// keep their order.
func TestDeletedRecordsAreLeftOut(t *testing.T) {
	s := storetest.Open(t)
	if _, err := s.Write(rowtest.Simple(index.BlockRows+10), storetest.NoLimit, storetest.NoLimit); err != nil {
		t.Fatal(err)
	}
	snap := s.Snapshot(filterOf(t, Query{}))
	moments := []store.Moment{{ID: index.BlockRows + 5}, {ID: 3}, {ID: 4000}, {ID: index.BlockRows + 1}, {ID: 7}}
	if n, err := s.Expire(time.Unix(1004, 0)); n != 4 || err != nil {
		t.Fatal(n, err)
	}
	records, err := recordsAt(t.Context(), snap, moments, record.BriefView)
	var ids []int64
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	if diff := cmp.Diff([]int64{index.BlockRows + 5, 4000, index.BlockRows + 1, 7}, ids); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// A search by blocks finds the records that the matcher accepts.
func TestBlocksMatchLikeRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := storetest.Open(t)
	rows := rowtest.Random(r, index.BlockRows+500)
	if _, err := s.Write(rows, storetest.NoLimit, storetest.NoLimit); err != nil {
		t.Fatal(err)
	}
	for _, text := range rowtest.Queries {
		f := filterOf(t, Query{Text: text})
		var want, got []int64
		for i := len(rows) - 1; i >= 0; i-- {
			if f.Match.Match(&rows[i]) {
				want = append(want, int64(i+1))
			}
		}
		err := s.Snapshot(f).Descend(
			t.Context(),
			func(id int64, _ *index.Row) bool { got = append(got, id); return true },
		)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%.400s", text, err, diff)
		}
		if n, err := Count(t.Context(), s.Snapshot(f), storetest.NoLimit); err != nil || n != len(want) {
			t.Errorf("%s: the count is %d, %v; want %d", text, n, err, len(want))
		}
	}
}
