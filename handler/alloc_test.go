package handler

import (
	"context"
	"log/slog"
	"runtime"
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
	group := h.WithGroup("g")
	grouped := censoring.WithGroup("db")
	source := newQuietWith(t, Config{AddSource: true})
	filtered := newQuietWith(t, Config{Filters: []Filter{passAll, passAll}})
	filteredBound := boundFive(filtered)
	located := fiveAttrs()
	located.PC, _, _, _ = runtime.Caller(0)
	for name, f := range map[string]func(){
		"5 attributes":           func() { h.Handle(ctx, five) },
		"10 attributes, 5 bound": func() { bound.Handle(ctx, five) },
		"5 with a censor":        func() { censoring.Handle(ctx, five) },
		"2 of 7 censored":        func() { censoring.Handle(ctx, secrets) },
		"2 of 7 in a group":      func() { grouped.Handle(ctx, secrets) },
		"5 in a group":           func() { group.Handle(ctx, five) },
		"the source":             func() { source.Handle(ctx, located) },
		"filters":                func() { filtered.Handle(ctx, five) },
		"below the level": func() {
			logger.LogAttrs(ctx, slog.LevelDebug, "m", slog.String("a", "b"), slog.Int("c", 1))
		},
		"no attribute": func() { logger.LogAttrs(ctx, slog.LevelInfo, "m") },
	} {
		if n := testing.AllocsPerRun(10_000, f); n != 0 {
			t.Errorf("%s: %v allocations per record", name, n)
		}
	}
	// The attributes of the record that the filters get do not fit into a slog.Record.
	if n := testing.AllocsPerRun(10_000, func() { filteredBound.Handle(ctx, five) }); n > 1 {
		t.Errorf("10 attributes, 5 bound, filters: %v allocations per record", n)
	}
}
