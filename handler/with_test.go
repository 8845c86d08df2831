package handler

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"testing"
)

// TestWithMany checks that the cost of With and of a record is proportional to the
// number of bound attributes, not to its square.
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
				t.Logf("1000 calls of With: %d bytes, 10000 calls: %d bytes", few, many)
				if many > 30*few {
					t.Errorf("1000 calls of With allocate %d bytes, but 10000 calls %d", few, many)
				}
			})
		}
	}
}

// TestWithShared checks that handlers made from one another with many attributes do not
// share theirs, from several goroutines.
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

// TestDerivedHandlers checks that handlers made from the same handler do not overwrite
// each other's attributes.
func TestDerivedHandlers(t *testing.T) {
	for _, opts := range []Config{{}, {Filters: []Filter{passAll}}} {
		root, c := newCapture(t, opts)
		var h slog.Handler = root
		for i := range 7 { // with any spare capacity of the slices
			h = h.WithAttrs(attrs{slog.Int(fmt.Sprint("b", i), i)}).WithGroup("g")
		}
		left, right := h.WithAttrs(attrs{slog.Int("x", 1)}), h.WithAttrs(attrs{slog.Int("x", 2)})
		leftGroup, rightGroup := h.WithGroup("left"), h.WithGroup("right")
		const path = "g_g_g_g_g_g_g_"
		for _, tc := range []struct {
			h    slog.Handler
			name string
			want int64
		}{{left, "x", 1}, {right, "x", 2}, {leftGroup, "left_y", 3}, {rightGroup, "right_y", 3}} {
			got := fields(decode(t, handle(t, tc.h, c, record("m", slog.Int("y", 3)))))
			if got[path+tc.name] != tc.want {
				t.Errorf("%s is %v, want %d: %v", tc.name, got[path+tc.name], tc.want, got)
			}
		}
		if got := fields(decode(t, handle(t, root, c, record("m")))); len(got) != 0 {
			t.Errorf("the first handler has fields of the others: %v", got)
		}
	}
}
