package collector

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
)

func TestSearch(t *testing.T) {
	s := newStore(t)
	texts := []row{
		1: {logger: "TTP_a", source: "hospital-1", message: "Aligned model", level: 6, fields: `{"epoch":3,"path":"C:\\logs"}`},
		2: {logger: "TTP_b", source: "hospital-2", message: "100% done_", level: 4, fullMessage: "Traceback\nBOOM"},
		3: {logger: "WKR_a", source: "hospital-1", message: "Ärger in ΑΘΉΝΑ", level: 3},
		4: {logger: "DIR_TTP_a", source: "host", message: "said \"hi\"", level: -1, fields: `{"quote":"say \"ho\"","word":"größe"}`},
		5: {logger: "x", source: "host", message: "urger", level: 7},
	}
	rows := texts[1:]
	for i := range rows {
		rows[i].streams = routeLogger(rows[i].logger)
	}
	if _, err := s.write(rows, noLimit, noLimit); err != nil {
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
		{"limit behind a filter", Query{Text: "hospital", Limit: 2, Before: 3}, []int64{2, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			records, _, err := search(t.Context(), s, tt.q, view{})
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
			if n, err := count(t.Context(), s.span(filterOf(t, tt.q)), 100); err != nil || n != len(tt.want) {
				t.Errorf("count is %d, %v; want %d", n, err, len(tt.want))
			}
		})
	}
}

func TestBadQuery(t *testing.T) {
	tests := []struct {
		q    Query
		want error
	}{
		{Query{Stream: "nobody"}, ErrNoStream},
		{Query{Level: "loud"}, query.ErrInvalid},
		{Query{Level: "8"}, query.ErrInvalid},
		{Query{Limit: -1}, query.ErrInvalid},
		{Query{Limit: 1001}, query.ErrInvalid},
		{Query{After: -1}, query.ErrInvalid},
		{Query{Text: strings.Repeat("x", query.MaxBytes+1)}, query.ErrInvalid},
		{Query{Text: "a AND"}, query.ErrInvalid},
		{Query{Text: "timestamp:soon"}, query.ErrInvalid},
		{Query{Text: "streams:nobody"}, ErrNoStream},
		{Query{From: time.Unix(2, 0), To: time.Unix(1, 0)}, query.ErrInvalid},
	}
	for _, tt := range tests {
		if _, err := newFilter(tt.q); !errors.Is(err, tt.want) {
			t.Errorf("newFilter(%+.40v): %v, want %v", tt.q, err, tt.want)
		}
	}
}

// What is there is counted whether or not there is time to wait for more.
func TestWaitNot(t *testing.T) {
	c := start(t, Options{})
	fill(t, c.store, 2*blockRows+10)
	if status, body := get(t, c, fmt.Sprintf("/api/wait?n=%d&timeout=0s", 2*blockRows+10)); status != 200 {
		t.Errorf("status %d: %s", status, body)
	}
	if status, body := get(t, c, fmt.Sprintf("/api/wait?n=%d&timeout=0s", 2*blockRows+11)); status != 504 || !strings.Contains(body, fmt.Sprint(2*blockRows+10, " of ")) {
		t.Errorf("status %d: %s", status, body)
	}
}

func TestWait(t *testing.T) {
	c := start(t, Options{})
	send(t, c, "TTP Logs", frame("TTP_a", "one"), frame("TTP_a", "zwei für"), frame("TTP_a", "one"))
	await(t, c, Query{}, 3)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if n, err := c.Wait(ctx, Query{Text: "one"}, 3); n != 2 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait for 3 of 2 records: %d, %v", n, err)
	}

	// Records count whether they are there before the call or come during it.
	got := make(chan int)
	for _, q := range []Query{{Text: "one"}, {Text: "für"}, {Stream: "TTP", Text: "one", After: 1}} {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			n, err := c.Wait(ctx, q, 4)
			if err != nil {
				t.Errorf("Wait(%+v): %v", q, err)
			}
			got <- n
		}()
	}
	for range 5 {
		send(t, c, "TTP Logs", frame("TTP_a", "one"), frame("TTP_a", "FÜR"))
		time.Sleep(20 * time.Millisecond)
	}
	for range 3 {
		if n := <-got; n != 4 {
			t.Errorf("Wait for 4 records returns %d", n)
		}
	}
}
