package handler

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// TestRealGraylogKinds logs a value of each kind after one of each other kind under the
// same key. It checks that Graylog stores both records and finds the second one by its
// value. Without the rules of the handler, an index loses every sixth record.
func TestRealGraylogKinds(t *testing.T) {
	srv := graylogtest.Open(t)
	const parts = 4 // because an index stores at most 1,000 fields
	inputs := srv.NewIsolatedInputs(graylogtest.TCP, parts)
	missing, notFound, sent := 0, 0, 0
	for part, in := range inputs {
		h, err := New(Config{Server: in.Addr, Delivery: delivery.Config{OnError: func(err error) {
			if !aboutKeys(err) {
				t.Error(err)
			}
		}}})
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		key := func(i, j int) string { return fmt.Sprintf("k%d_%d", i, j) }
		// All records of a round are stored before the next round begins.
		for round := range 2 {
			want := 0
			for i := range kindsOfValues {
				if i%parts != part {
					continue
				}
				for j := range kindsOfValues {
					v := kindsOfValues[[2]int{i, j}[round]].value
					r := record(fmt.Sprintf("round%d pair%s", round, key(i, j)), slog.Any(key(i, j), v))
					if err := h.Handle(context.Background(), r); err != nil {
						t.Fatal(err)
					}
					want++
				}
			}
			ctx, cancel := context.WithTimeout(context.Background(), graylogtest.WaitTimeout)
			if err := h.Flush(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
			srv.Settle(in.Input, in.Stream, "")
			query := fmt.Sprintf("%s AND message:round%d", in.Query(), round)
			docs := srv.Wait(query, want)
			sent, missing = sent+want, missing+want-len(docs)
			if len(docs) != want {
				t.Errorf("%d of %d records of round %d are stored", len(docs), want, round)
			}
			if round == 0 {
				continue
			}
			for _, doc := range docs {
				for name, value := range fields(doc.Message()) {
					query := fmt.Sprintf("%s AND message:round1 AND %s:%q", in.Query(), name, fmt.Sprint(value))
					found := srv.Search(query)
					if len(found) != 1 {
						notFound++
						t.Errorf("%s finds %d records", query, len(found))
					}
				}
			}
		}
	}
	t.Logf("%d records of %d pairs: %d lost, %d not found by their values", sent, sent/2, missing, notFound)
}
