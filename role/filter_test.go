package role

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// filtered returns the stored records with these filters, one line each.
func filtered(t *testing.T, log func(*slog.Logger), filters ...Filter) (lines []string) {
	t.Helper()
	h, err := New(All()[3], Config{Variant: VariantTest, Filters: filters, Level: slog.LevelDebug})
	if err != nil {
		t.Fatal(err)
	}
	log(slog.New(h))
	for _, m := range h.Records() {
		line := m.Message
		for _, name := range []string{"a", "b", "g_a", "g_b", "over"} {
			if v, ok := m.Fields[name]; ok {
				line += fmt.Sprintf(" %s=%v", name, v)
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// TestFilters checks the ready-made filters.
func TestFilters(t *testing.T) {
	five := func(l *slog.Logger) {
		for i := range 5 {
			l.Info("m", "a", i)
		}
	}
	tests := []struct {
		name    string
		log     func(*slog.Logger)
		filters []Filter
		want    string
	}{
		{
			"AddAttrs",
			func(l *slog.Logger) { l.Info("m", "over", 1) },
			[]Filter{AddAttrs(slog.Int("a", 2), slog.Int("over", 2))},
			"m a=2 over=2",
		},
		{
			"AddAttrs outside open groups",
			func(l *slog.Logger) { l.WithGroup("g").Info("m", "b", 1) },
			[]Filter{AddAttrs(slog.Int("a", 2))},
			"m a=2 g_b=1",
		},
		{
			"AddAttrs to many attributes",
			func(l *slog.Logger) { l.Info("m", "c", 2, "d", 4, "e", 6, "f", 8, "h", 10) },
			[]Filter{AddAttrs(slog.Int("a", 1)), AddAttrs(slog.Int("b", 2))},
			"m a=1 b=2",
		},
		{
			"Rename",
			func(l *slog.Logger) { l.With("x", 1).Info("m", "x", 2, slog.Group("g", "x", 3, "a", 4)) },
			[]Filter{Rename("x", "a")},
			"m a=2 g_a=4",
		},
		{
			"Rename a group",
			func(l *slog.Logger) { l.WithGroup("x").Info("m", "a", 1) },
			[]Filter{Rename("x", "g")},
			"m g_a=1",
		},
		{
			"Drop",
			func(l *slog.Logger) { l.Info("m"); l.Warn("w") },
			[]Filter{Drop(func(r slog.Record) bool { return r.Level < slog.LevelWarn })},
			"w",
		},
		{
			"Drop before another filter",
			func(l *slog.Logger) { l.Info("m") },
			[]Filter{
				Drop(func(slog.Record) bool { return true }),
				func(context.Context, slog.Record) (slog.Record, bool) { panic("not reached") },
			},
			"",
		},
		{"Sample", five, []Filter{Sample(2)}, "m a=0; m a=2; m a=4"},
		{"Sample of every record", five, []Filter{Sample(1)}, "m a=0; m a=1; m a=2; m a=3; m a=4"},
		{"Sample with an invalid rate", five, []Filter{Sample(0), Sample(-1)}, "m a=0; m a=1; m a=2; m a=3; m a=4"},
		{"Sample keeps warnings", func(l *slog.Logger) {
			for range 3 {
				l.Debug("d")
				l.Warn("w")
			}
		}, []Filter{Sample(100)}, "d; w; w; w"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			if got := strings.Join(filtered(t, tc.log, tc.filters...), "; "); got != tc.want {
				t.Errorf("stored %q, want %q", got, tc.want)
			}
		})
	}
}

// TestFiltersConcurrent checks that the ready-made filters can be called from several
// goroutines.
func TestFiltersConcurrent(t *testing.T) {
	h, err := New(All()[3], Config{
		Variant: VariantTest,
		Filters: []Filter{AddAttrs(slog.Int("a", 1)), Rename("b", "c"), Sample(2)},
	})
	if err != nil {
		t.Fatal(err)
	}
	l := slog.New(h).With("x", 1)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for range 100 {
				l.Info("m", "b", g)
			}
		})
	}
	wg.Wait()
	if s := h.Stats(); s.Sent != 200 || s.Filtered != 200 {
		t.Errorf("counted %+v", s)
	}
	for _, m := range h.Records() {
		if m.Fields["a"] != int64(1) || m.Fields["x"] != int64(1) || m.Fields["c"] == nil || m.Fields["b"] != nil {
			t.Fatalf("stored %v", m.Fields)
		}
	}
}
