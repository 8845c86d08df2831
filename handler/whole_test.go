package handler

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/google/go-cmp/cmp"
	sloggraylog "github.com/samber/slog-graylog/v2"
)

type traceKey struct{}

func fromContext(ctx context.Context) []slog.Attr {
	id, ok := ctx.Value(traceKey{}).(string)
	if !ok {
		return nil
	}
	return attrs{slog.String("trace", id)}
}

var traced = context.WithValue(context.Background(), traceKey{}, "t1")

// outline writes a record's attributes as slog's text would be nested.
func outline(r slog.Record) string {
	var b strings.Builder
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(a.String() + " ")
		return true
	})
	return strings.TrimSpace(b.String())
}

// TestFilterSees tells what a filter is given: all that was bound, in its
// groups, what the context has, and the call's attributes.
func TestFilterSees(t *testing.T) {
	tests := []struct {
		name string
		with func(slog.Handler) slog.Handler
		want string
	}{
		{"the call", nil, "trace=t1 call=1"},
		{
			"bound",
			with(slog.Int("bound", 2), slog.String("password", secret)),
			"bound=2 password=hunter2 trace=t1 call=1",
		},
		{"a group", func(h slog.Handler) slog.Handler { return h.WithGroup("g") }, "trace=t1 g=[call=1]"},
		{"bound before and in groups", func(h slog.Handler) slog.Handler {
			return h.WithAttrs(attrs{
				slog.Int("a", 1),
			}).WithGroup("g").WithAttrs(attrs{
				slog.Int("b", 2),
			}).WithAttrs(attrs{slog.Int("c", 3)}).WithGroup("h").WithAttrs(attrs{slog.Int("d", 4)})
		}, "a=1 trace=t1 g=[b=2 c=3 h=[d=4 call=1]]"},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			var seen []string
			look := func(_ context.Context, r slog.Record) (slog.Record, bool) {
				seen = append(seen, outline(r))
				r.Message += "!"
				return r, true
			}
			root, c := newCapture(t, Config{
				Filters:         []Filter{look, look},
				Censor:          []string{"password"},
				AttrFromContext: []ContextFunc{fromContext},
			})
			h := slog.Handler(root)
			if tc.with != nil {
				h = tc.with(h)
			}
			if err := h.Handle(traced, record("m", slog.Int("call", 1))); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tc.want, tc.want}, seen); diff != "" {
				t.Errorf("two filters see (-want +got):\n%s", diff)
			}
			if msg := decode(t, c.frames[0]); msg.Message != "m!!" {
				t.Errorf("the message is %q", msg.Message)
			}
		})
	}
}

// TestFilterDrops holds that a record that is filtered out is counted, takes no
// number, and reaches no further filter.
func TestFilterDrops(t *testing.T) {
	reached := 0
	h, c := newCapture(t, Config{Filters: []Filter{
		func(_ context.Context, r slog.Record) (slog.Record, bool) { return r, r.Message != "out" },
		func(_ context.Context, r slog.Record) (slog.Record, bool) { reached++; return r, true },
	}})
	for _, msg := range []string{"in", "out", "in"} {
		if err := h.Handle(context.Background(), record(msg)); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.frames) != 2 || reached != 2 {
		t.Fatalf("%d frames, and the second filter saw %d records", len(c.frames), reached)
	}
	if seq := decode(t, c.frames[1]).Fields["seq"]; seq != int64(2) {
		t.Errorf("the second record has the number %v", seq)
	}
	if s := h.Stats(); s.Filtered != 1 || s.Accepted != 2 {
		t.Errorf("counted %+v", s)
	}
}

// TestContext holds that the context's attributes stand outside of all groups,
// after the bound ones and before the call's.
func TestContext(t *testing.T) {
	for name, opts := range map[string]Config{
		"alone":        {},
		"filter":       {Filters: []Filter{passAll}},
		"replace":      {ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }},
		"DefaultConv.": {Converter: sloggraylog.DefaultConverter},
	} {
		t.Run(name, func(t *testing.T) {
			opts.AttrFromContext = []ContextFunc{
				fromContext,
				func(context.Context) []slog.Attr { return attrs{slog.Int("n", 2), slog.Int("over", 2)} },
			}
			root, c := newCapture(t, opts)
			h := root.WithAttrs(attrs{slog.Int("n", 1), slog.Int("over", 1)})
			if err := h.Handle(traced, record("m", slog.Int("over", 3))); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(stored{
				"trace": "t1",
				"n":     int64(2),
				"over":  int64(3),
			}, fields(decode(t, c.frames[0]))); diff != "" {
				t.Errorf("stored fields (-want +got):\n%s", diff)
			}
			if opts.Converter != nil {
				return // it makes a map of a group
			}
			if err := h.WithGroup("g").Handle(context.Background(), record("m", slog.Int("over", 3))); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(stored{
				"n":      int64(2),
				"over":   int64(2),
				"g_over": int64(3),
			}, fields(decode(t, c.frames[1]))); diff != "" {
				t.Errorf("stored fields without a trace, in a group (-want +got):\n%s", diff)
			}
		})
	}
}

// TestReplaceAttr tells what ReplaceAttr is asked, as slog's own handlers do,
// and what becomes of its answers.
func TestReplaceAttr(t *testing.T) {
	for _, filters := range [][]Filter{nil, {passAll}} {
		var asked []string
		root, c := newCapture(t, Config{
			Fields:     attrs{slog.String("file_path", "/srv")},
			AddProcess: true,
			Filters:    filters,
			ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
				asked = append(asked, strings.Join(append(append([]string(nil), groups...), a.Key), "."))
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
		frame := handle(
			t,
			h,
			c,
			record(
				"m",
				slog.Int("gone", 1),
				slog.Int("renamed", 2),
				slog.Group("h", "b", 3, "gone", 4),
				slog.Int("grouped", 5),
				slog.Int("valuer", 6),
				slog.Group("none"),
				slog.Any("lv", logValuer(func() slog.Value { return slog.GroupValue(slog.Int("c", 7)) })),
			),
		)
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
		wantAsked := "a time level msg g.gone g.renamed g.h.b g.h.gone g.grouped g.made.x g.valuer g.lv.c"
		if filters != nil { // bound attributes come with the record
			wantAsked = "time level msg a g.gone g.renamed g.h.b g.h.gone g.grouped g.made.x g.valuer g.lv.c"
		}
		if got := strings.Join(asked, " "); got != wantAsked {
			t.Errorf("asked for\n%s, not\n%s", got, wantAsked)
		}
	}
}

// TestCallbackPanics holds that a panic in a callback costs its record alone,
// is counted and reported, and leaves the handler in order.
func TestCallbackPanics(t *testing.T) {
	bad := func() { var list []int; list[len("x")]++ }
	replace := func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == "bad" {
			bad()
		}
		return a
	}
	fromCtx := func(ctx context.Context) []slog.Attr {
		if ctx.Value(traceKey{}) != nil {
			bad()
		}
		return nil
	}
	tests := []struct {
		name string
		opts Config
		ctx  context.Context
	}{
		{"ReplaceAttr", Config{ReplaceAttr: replace}, context.Background()},
		{"ReplaceAttr behind a filter", Config{ReplaceAttr: replace, Filters: []Filter{passAll}}, context.Background()},
		{"AttrFromContext", Config{AttrFromContext: []ContextFunc{fromCtx}}, traced},
		{
			"AttrFromContext before a filter",
			Config{AttrFromContext: []ContextFunc{fromCtx}, Filters: []Filter{passAll}},
			traced,
		},
		{
			"a second filter",
			Config{Filters: []Filter{passAll, func(_ context.Context, r slog.Record) (slog.Record, bool) {
				if r.Message == "bad" {
					bad()
				}
				return r, true
			}}},
			context.Background(),
		},
		{
			"Converter",
			Config{
				Converter: func(_ bool, _ func([]string, slog.Attr) slog.Attr, _ []slog.Attr, _ []string, r *slog.Record) map[string]any {
					if r.Message == "bad" {
						bad()
					}
					return map[string]any{"fine": 1}
				},
			},
			context.Background(),
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			var seen reports
			tc.opts.Delivery.OnError = seen.add
			root, c := newCapture(t, tc.opts)
			h := root.WithGroup("g")
			for range 3 {
				err := h.Handle(tc.ctx, record("bad", slog.Group("h", "a", 1, "bad", 2)))
				if err == nil || !strings.Contains(
					err.Error(),
					"panicked in",
				) || !strings.Contains(
					err.Error(),
					"whole_test.go:",
				) || !strings.Contains(err.Error(), "index out of range") {
					t.Errorf("Handle returns %v", err)
				}
				seen.of(root)
			}
			if n := len(seen.of(root)); n != 3 || len(c.frames) != 0 {
				t.Errorf("%d reports, %d frames", n, len(c.frames))
			}
			if s := h.(*Handler).Stats(); s.Panicked != 3 || s.Accepted != 0 {
				t.Errorf("counted %+v", s)
			}
			got := fields(decode(t, handle(t, h, c, record("good", slog.Int("fine", 1)))))
			delete(got, "fine")
			if diff := cmp.Diff(stored{"g_fine": int64(1)}, got); diff != "" && tc.opts.Converter == nil {
				t.Errorf("the record after it has (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBoundPanic holds that a ReplaceAttr that panics for a bound attribute
// leaves the others, and says so.
func TestBoundPanic(t *testing.T) {
	var seen reports
	root, c := newCapture(t, Config{
		Delivery: delivery.Config{OnError: seen.add},
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "bad" {
				panic(secret)
			}
			return a
		},
	})
	h := root.WithAttrs(attrs{slog.Int("a", 1), slog.Group("g", slog.Group("h", "bad", 2)), slog.Int("b", 3)})
	got := fields(decode(t, handle(t, h, c, record("m", slog.Int("c", 4)))))
	if got["a"] != int64(1) || got["c"] != int64(4) {
		t.Errorf("stored %v", got)
	}
	if reported := seen.of(root); len(reported) != 1 || strings.Contains(reported[0].Error(), secret) {
		t.Errorf("reported %v", reported)
	}
}

// TestConverter holds that a converter is given what slog-graylog gives it, and
// that each value of its map becomes one field.
func TestConverter(t *testing.T) {
	var got struct {
		source bool
		bound  string
		groups []string
		call   string
	}
	root, c := newCapture(t, Config{
		Fields:          attrs{slog.String("file_path", "/srv")},
		AddSource:       true,
		AttrFromContext: []ContextFunc{fromContext},
		Converter: func(addSource bool, replace func([]string, slog.Attr) slog.Attr, bound []slog.Attr, groups []string, r *slog.Record) map[string]any {
			got.source, got.groups, got.call = addSource, groups, outline(*r)
			got.bound = outline(record("", bound...))
			return map[string]any{
				"b":   true,
				"f":   2.0,
				"m":   map[string]any{"x": nil},
				"nil": nil,
				"id":  1,
				"lv":  logValuer(func() slog.Value { return slog.IntValue(7) }),
				"a.b": "c",
			}
		},
	})
	h := root.WithAttrs(attrs{slog.Int("a", 1)}).WithGroup("g").WithAttrs(attrs{slog.Int("b", 2)})
	if err := h.Handle(traced, record("m", slog.Int("call", 3))); err != nil {
		t.Fatal(err)
	}
	if !got.source || got.bound != "a=1 trace=t1 g=[b=2]" || !cmp.Equal(got.groups, []string{
		"g",
	}) || got.call != "call=3" {
		t.Errorf("the converter was given %+v", got)
	}
	want := stored{
		"file_path": "/srv",
		"b":         "true",
		"f":         2.0,
		"m":         `{"x":null}`,
		"id_":       int64(1),
		"lv":        int64(7),
		"a_b":       "c",
	}
	if diff := cmp.Diff(want, fields(decode(t, c.frames[0]))); diff != "" {
		t.Errorf("stored fields (-want +got):\n%s", diff)
	}
}

// TestConverterAlone holds that a converter can write to the groups that it is
// given, as slog-graylog's does: they are no other record's.
func TestConverterAlone(t *testing.T) {
	h, c := newCapture(t, Config{
		Converter: sloggraylog.DefaultConverter,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "n" {
				a.Value = slog.Int64Value(a.Value.Int64() + 1)
			}
			return a
		},
	})
	shared := slog.Group("call", slog.Group("deep", "n", 1))
	bound := h.WithAttrs(attrs{slog.Group("bound", slog.Group("deep", "n", 1))})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				bound.Handle(context.Background(), record("m", shared))
			}
		})
	}
	wg.Wait()
	want := stored{"bound": `{"deep":{"n":2}}`, "call": `{"deep":{"n":2}}`}
	for _, frame := range c.frames {
		if diff := cmp.Diff(want, fields(decode(t, frame))); diff != "" {
			t.Fatalf("stored fields (-want +got):\n%s", diff)
		}
	}
}
