package handler

import (
	"context"
	"log/slog"
	"testing"
)

// TestAllocs checks that handling a record allocates nothing.
func TestAllocs(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	h, censoring := newQuiet(t), newCensoring(t)
	ctx, five := context.Background(), fiveAttrs()
	bound := boundFive(h)
	logger := slog.New(bound)
	secrets := fiveAttrs()
	secrets.AddAttrs(slog.String("Password", "hunter2"), slog.Int("x_token", 1))
	grouped := censoring.WithGroup("db")
	for name, f := range map[string]func(){
		"5 attributes":           func() { h.Handle(ctx, five) },
		"10 attributes, 5 bound": func() { bound.Handle(ctx, five) },
		"5 with a censor":        func() { censoring.Handle(ctx, five) },
		"2 of 7 censored":        func() { censoring.Handle(ctx, secrets) },
		"2 of 7 in a group":      func() { grouped.Handle(ctx, secrets) },
		"below the level": func() {
			logger.LogAttrs(ctx, slog.LevelDebug, "m", slog.String("a", "b"), slog.Int("c", 1))
		},
		"no attribute": func() { logger.LogAttrs(ctx, slog.LevelInfo, "m") },
	} {
		if n := testing.AllocsPerRun(10_000, f); n != 0 {
			t.Errorf("%s: %v allocations per record", name, n)
		}
	}
}
