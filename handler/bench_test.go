package handler

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/censor"
)

// newQuiet returns a handler whose connection discards everything.
func newQuiet(tb testing.TB) *Handler {
	return newQuietWith(tb, Config{Logger: "TTP_bench", Host: "node-a"})
}

// newCensoring returns such a handler with rules for keys and texts that the records do
// not contain.
func newCensoring(tb testing.TB) *Handler {
	return newQuietWith(tb, Config{
		Logger:       "TTP_bench",
		Host:         "node-a",
		Censor:       []string{"password", "authorization", "iban", "db.user", "*_token", "secret*"},
		CensorValues: []censor.Pattern{censor.Bearer, censor.Email, censor.IBAN},
	})
}

// newQuietWith returns a handler with this configuration whose connection discards
// everything.
func newQuietWith(tb testing.TB, opts Config) *Handler {
	opts.AddEvent, opts.AddLevelName, opts.AddLevelNumber = true, true, true
	opts.Delivery.Dial = dialDiscard
	h, err := New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { h.Close() })
	slog.New(h).Info("the first record of the connection")
	if err := h.Flush(tb.Context()); err != nil { // wait until the connection counts as accepted
		tb.Fatal(err)
	}
	return h
}

var benchTime = time.Unix(1700000000, 123456789)

// fiveAttrs returns a typical record with five attributes.
func fiveAttrs() slog.Record {
	r := slog.NewRecord(benchTime, slog.LevelInfo, "round finished", 0)
	r.AddAttrs(
		slog.String("party", "hospital-1"),
		slog.Int("round", 7),
		slog.Float64("loss", 0.125),
		slog.Bool("converged", false),
		slog.Duration("took", 1500*time.Millisecond),
	)
	return r
}

// boundFive returns a handler with five bound attributes.
func boundFive(h slog.Handler) slog.Handler {
	return h.WithAttrs([]slog.Attr{
		slog.String("experiment", "exp-1"),
		slog.String("run", "run-2"),
		slog.Int("epoch", 3),
		slog.String("model", "resnet"),
		slog.String("dataset", "mnist"),
	})
}

func BenchmarkHandle(b *testing.B) {
	ctx, r := context.Background(), fiveAttrs()
	peers := []struct {
		name string
		h    slog.Handler
	}{
		{"json", slog.NewJSONHandler(io.Discard, nil)},
		{"gelf", newQuiet(b)},
		{"censor", newCensoring(b)},
		{"filter", newQuietWith(b, Config{Logger: "TTP_bench", Host: "node-a",
			Filters: []Filter{func(_ context.Context, r slog.Record) (slog.Record, bool) { return r, r.Message != "" }}})},
		{"censorkeys", newQuietWith(b, Config{Logger: "TTP_bench", Host: "node-a",
			Censor: []string{"password", "authorization", "iban", "db.user", "*_token"}})},
	}
	for _, p := range peers {
		b.Run("5attrs/"+p.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.h.Handle(ctx, r)
			}
		})
	}
	for _, p := range peers {
		h := boundFive(p.h)
		b.Run("10attrs5bound/"+p.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.Handle(ctx, r)
			}
		})
	}
	for _, p := range peers {
		b.Run("parallel/"+p.name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					p.h.Handle(ctx, r)
				}
			})
		})
	}
}
