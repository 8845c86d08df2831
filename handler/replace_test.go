package handler

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReplaceAttr checks that ReplaceAttr is called for the same attributes as by
// slog's own handlers, and how its results are stored.
func TestReplaceAttr(t *testing.T) {
	for _, filters := range [][]Filter{nil, {passAll}} {
		var calls []string
		root, c := newCapture(t, Config{
			Fields:     attrs{slog.String("file_path", "/srv")},
			AddProcess: true,
			Filters:    filters,
			ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
				calls = append(calls, strings.Join(append(append([]string(nil), groups...), a.Key), "."))
				switch a.Key {
				case "gone":
					return slog.Attr{}
				case "renamed":
					a.Key = "new"
				case "grouped":
					return slog.Group("made", "x", 1)
				case "valuer":
					return slog.Any("valuer", logValuer(func() slog.Value { return slog.IntValue(5) }))
				}
				return a
			},
		})
		h := root.WithAttrs(attrs{slog.Int("a", 1)}).WithGroup("g")
		frame := handle(t, h, c, record(
			"m",
			slog.Int("gone", 1),
			slog.Int("renamed", 2),
			slog.Group("h", "b", 3, "gone", 4),
			slog.Int("grouped", 5),
			slog.Int("valuer", 6),
			slog.Group("none"),
			slog.Any("lv", logValuer(func() slog.Value { return slog.GroupValue(slog.Int("c", 7)) })),
		))
		got := fields(decode(t, frame))
		for _, own := range []string{"pid", "process_name", "file_path"} {
			if got[own] == nil {
				t.Errorf("no field %s", own)
			}
			delete(got, own)
		}
		want := stored{
			"a":        int64(1),
			"g_new":    int64(2),
			"g_h_b":    int64(3),
			"g_made_x": int64(1),
			"g_valuer": int64(5),
			"g_lv_c":   int64(7),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stored fields (-want +got):\n%s", diff)
		}
		wantCalls := "a time level msg g.gone g.renamed g.h.b g.h.gone g.grouped g.made.x g.valuer g.lv.c"
		if filters != nil { // bound attributes are encoded with the record
			wantCalls = "time level msg a g.gone g.renamed g.h.b g.h.gone g.grouped g.made.x g.valuer g.lv.c"
		}
		if got := strings.Join(calls, " "); got != wantCalls {
			t.Errorf("ReplaceAttr was called for\n%s, want\n%s", got, wantCalls)
		}
	}
}
