package handler

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"
)

// quiet is a link to nowhere, the peer of io.Discard: writes cost nothing, and
// all have arrived.
type quiet struct{ written int }

func (q *quiet) write(_ context.Context, frames []byte) (int, error) {
	q.written += len(frames)
	return len(frames), nil
}
func (q *quiet) reached() int          { return q.written }
func (q *quiet) gone() <-chan struct{} { return nil }
func (q *quiet) cause() error          { return nil }
func (q *quiet) close()                {}

func dialQuiet(context.Context) (link, error) { return new(quiet), nil }

func newQuiet(tb testing.TB) *Handler {
	return newQuietWith(tb, Options{Logger: "TTP_bench", Host: "node-a"})
}

// newCensoring returns a handler that hides keys and texts which the records do
// not have.
func newCensoring(tb testing.TB) *Handler {
	return newQuietWith(tb, Options{
		Logger: "TTP_bench", Host: "node-a",
		Censor:       []string{"password", "authorization", "iban", "db.user", "*_token", "secret*"},
		CensorValues: []ValuePattern{ValuePatternBearer, ValuePatternEmail, ValuePatternIBAN},
	})
}

func newQuietWith(tb testing.TB, opts Options) *Handler {
	h, err := New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	h.sink.(*wire).sender.dial = dialQuiet
	tb.Cleanup(func() { h.Close() })
	return h
}

var benchTime = time.Unix(1700000000, 123456789)

// fiveAttrs returns a record as a training run logs it.
func fiveAttrs() slog.Record {
	r := slog.NewRecord(benchTime, slog.LevelInfo, "round finished", 0)
	r.AddAttrs(slog.String("party", "hospital-1"), slog.Int("round", 7), slog.Float64("loss", 0.125),
		slog.Bool("converged", false), slog.Duration("took", 1500*time.Millisecond))
	return r
}

// boundFive returns the handler with five attributes of its own.
func boundFive(h slog.Handler) slog.Handler {
	return h.WithAttrs([]slog.Attr{slog.String("experiment", "exp-1"), slog.String("run", "run-2"),
		slog.Int("epoch", 3),
		slog.String("model", "resnet"), slog.String("dataset", "mnist")})
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
		{"censorkeys", newQuietWith(b, Options{Logger: "TTP_bench", Host: "node-a",
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
