package handler

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"testing"
)

// TestWithMany holds that the cost of With and of a record grows with the number
// of bound attributes and not with its square.
func TestWithMany(t *testing.T) {
	ways := map[string]func(slog.Handler, int) slog.Handler{
		"different keys": func(h slog.Handler, i int) slog.Handler {
			return h.WithAttrs(attrs{slog.Int(fmt.Sprint("key", i), i)})
		},
		"one key": func(h slog.Handler, i int) slog.Handler { return h.WithAttrs(attrs{slog.Int("key", i)}) },
		"long texts": func(h slog.Handler, i int) slog.Handler {
			return h.WithAttrs(attrs{slog.String(fmt.Sprint("key", i%100), fmt.Sprintf("%0100d", i))})
		},
		"other kinds": func(h slog.Handler, i int) slog.Handler {
			return h.WithAttrs(attrs{slog.Any(fmt.Sprint("key", i%5000), kindsOfValues[i%len(kindsOfValues)].value)})
		},
		"in a group": func(h slog.Handler, i int) slog.Handler {
			if i == 0 {
				h = h.WithGroup("g")
			}
			return h.WithAttrs(attrs{slog.Int(fmt.Sprint("key", i), i)})
		},
	}
	for name, way := range ways {
		for _, opts := range []Config{{}, {Filters: []Filter{passAll}}} {
			t.Run(fmt.Sprintf("%s/%d filters", name, len(opts.Filters)), func(t *testing.T) {
				allocated := func(n int) uint64 {
					h, c := newCapture(t, opts)
					var before, after runtime.MemStats
					runtime.ReadMemStats(&before)
					bound := slog.Handler(h)
					for i := range n {
						bound = way(bound, i)
					}
					handle(t, bound, c, record("m"))
					runtime.ReadMemStats(&after)
					return after.TotalAlloc - before.TotalAlloc
				}
				few, many := allocated(1000), allocated(10_000)
				t.Logf("1000 times: %d bytes, 10000 times: %d", few, many)
				if many > 30*few {
					t.Errorf("With 1000 times takes %d bytes, and 10000 times %d", few, many)
				}
			})
		}
	}
}

// TestWithShared holds that handlers made from one another with many attributes
// keep theirs apart, from several goroutines.
func TestWithShared(t *testing.T) {
	h, c := newCapture(t, Config{})
	parent := slog.Handler(h)
	for i := range 1000 {
		parent = parent.WithAttrs(attrs{slog.Int(fmt.Sprint("key", i), i)})
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			child := parent
			for i := range 50 {
				child = child.WithAttrs(attrs{slog.Int(fmt.Sprintf("child%d", i), g), slog.Int("key7", g)})
			}
			if err := child.Handle(context.Background(), record("m", slog.Int("key8", g))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, frame := range append(c.frames, handle(t, parent, c, record("m"))) {
		got := fields(decode(t, frame))
		g, want := got["child0"], 1050
		if g == nil {
			want = 1000
		}
		if len(got) != want || got["key9"] != int64(9) {
			t.Errorf("%d fields, key9 is %v", len(got), got["key9"])
		}
		for i := range want - 1000 {
			if name := fmt.Sprintf("child%d", i); got[name] != g || got["key7"] != g || got["key8"] != g {
				t.Errorf("%s is %v, key7 %v and key8 %v, not %v", name, got[name], got["key7"], got["key8"], g)
			}
		}
	}
}
