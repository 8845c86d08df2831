package handler

import (
	"context"
	"log/slog"
	"testing"
)

// TestAllocs holds that a record costs no allocation.
func TestAllocs(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	h := newQuiet(t)
	ctx, five := context.Background(), fiveAttrs()
	bound := boundFive(h)
	logger := slog.New(bound)
	for name, f := range map[string]func(){
		"5 attributes":           func() { h.Handle(ctx, five) },
		"10 attributes, 5 bound": func() { bound.Handle(ctx, five) },
		"below the level":        func() { logger.LogAttrs(ctx, slog.LevelDebug, "m", slog.String("a", "b"), slog.Int("c", 1)) },
		"no attribute":           func() { logger.LogAttrs(ctx, slog.LevelInfo, "m") },
	} {
		if n := testing.AllocsPerRun(10_000, f); n != 0 {
			t.Errorf("%s: %v allocations a record", name, n)
		}
	}
}
