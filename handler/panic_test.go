package handler

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/delivery"
)

// TestCallbackPanics checks that a panic in a callback drops only its record, is
// counted and reported, and does not affect later records.
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
		{"ReplaceAttr after a filter", Config{ReplaceAttr: replace, Filters: []Filter{passAll}}, context.Background()},
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
				Converter: func(_ bool, _ func([]string, slog.Attr) slog.Attr, _ []slog.Attr, _ []string,
					r *slog.Record) map[string]any {
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
				for _, want := range []string{"panicked in", "panic_test.go:", "index out of range"} {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("Handle returns %v, want %q in it", err, want)
					}
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
				t.Errorf("fields of the next record (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBoundPanic checks that a ReplaceAttr that panics for a bound attribute keeps the
// earlier attributes and is reported.
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

// TestPanicTextIsNotReported checks that the text of a panic is not reported, because
// it could contain what the censor hides.
func TestPanicTextIsNotReported(t *testing.T) {
	for name, panics := range map[string]func(){
		"a string": func() { panic(secret) },
		"an error": func() { panic(errors.New(secret)) },
		"a struct": func() { panic(struct{ s string }{secret}) },
	} {
		t.Run(name, func(t *testing.T) {
			var seen reports
			h, err := New(Config{
				Writer:   new(bytes.Buffer),
				Delivery: delivery.Config{OnError: seen.add},
				Filters: []Filter{
					func(context.Context, slog.Record) (slog.Record, bool) { panics(); return slog.Record{}, true },
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			err = h.Handle(context.Background(), record("m"))
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("Handle returns %v", err)
			}
			reported := seen.of(h)
			if len(reported) != 1 || reported[0] != err || !strings.Contains(err.Error(), "filter 1") ||
				!strings.Contains(err.Error(), "TestPanicTextIsNotReported") {
				t.Errorf("reported %v, returned %v", reported, err)
			}
			if s := h.Stats(); s.Accepted != 0 || s.Panicked != 1 {
				t.Errorf("counted %+v", s)
			}
		})
	}
}
