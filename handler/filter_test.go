package handler

import (
	"context"
	"log/slog"
	"strings"
	"testing"

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

// outline returns the attributes of a record as text, nested like slog's.
func outline(r slog.Record) string {
	var b strings.Builder
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(a.String() + " ")
		return true
	})
	return strings.TrimSpace(b.String())
}

// TestFilterInput checks that a filter gets the bound attributes in their groups, those
// from the context, and those of the call.
func TestFilterInput(t *testing.T) {
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
				t.Errorf("records of both filters (-want +got):\n%s", diff)
			}
			if msg := decode(t, c.frames[0]); msg.Message != "m!!" {
				t.Errorf("the message is %q", msg.Message)
			}
		})
	}
}

// TestFilterDrops checks that a filtered record is counted, gets no number, and does
// not reach further filters.
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
		t.Fatalf("%d frames, and the second filter got %d records; want 2 and 2", len(c.frames), reached)
	}
	if seq := decode(t, c.frames[1]).Fields["seq"]; seq != int64(2) {
		t.Errorf("the second record has seq %v, want 2", seq)
	}
	if s := h.Stats(); s.Filtered != 1 || s.Accepted != 2 {
		t.Errorf("counted %+v", s)
	}
}

// TestContextAttrs checks that attributes from the context are outside all groups,
// after the bound ones and before those of the call.
func TestContextAttrs(t *testing.T) {
	for name, opts := range map[string]Config{
		"no callback": {},
		"filter":      {Filters: []Filter{passAll}},
		"ReplaceAttr": {ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }},
		"converter":   {Converter: sloggraylog.DefaultConverter},
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
			want := stored{"trace": "t1", "n": int64(2), "over": int64(3)}
			if diff := cmp.Diff(want, fields(decode(t, c.frames[0]))); diff != "" {
				t.Errorf("stored fields (-want +got):\n%s", diff)
			}
			if opts.Converter != nil {
				return // the converter returns a map for a group
			}
			if err := h.WithGroup("g").Handle(context.Background(), record("m", slog.Int("over", 3))); err != nil {
				t.Fatal(err)
			}
			want = stored{"n": int64(2), "over": int64(2), "g_over": int64(3)}
			if diff := cmp.Diff(want, fields(decode(t, c.frames[1]))); diff != "" {
				t.Errorf("stored fields without a trace, in a group (-want +got):\n%s", diff)
			}
		})
	}
}
