package handler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	sloggraylog "github.com/samber/slog-graylog/v2"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/field"
)

// oracle returns the fields that slog-graylog makes of a record, flattened, with the
// names and values that this handler would use for them.
func oracle(addSource bool, bound attrs, groups []string, r slog.Record) stored {
	m := make(stored)
	// The converter reverses the groups in place, and writes to the attributes.
	flatten(m, nil, sloggraylog.DefaultConverter(addSource, nil, cloned(bound), slices.Clone(groups), &r))
	return m
}

// cloned returns a deep copy of attributes.
func cloned(a attrs) attrs {
	a = slices.Clone(a)
	for i := range a {
		if a[i].Value.Kind() == slog.KindGroup {
			a[i].Value = slog.GroupValue(cloned(a[i].Value.Group())...)
		}
	}
	return a
}

// flatten adds the fields of a converter to m, with nested maps flattened.
func flatten(m stored, path []byte, extra map[string]any) {
	for key, value := range extra {
		if members, ok := value.(map[string]any); ok {
			flatten(m, field.AppendGroup(path[:len(path):len(path)], key), members)
			continue
		}
		name := string(field.AppendName(nil, path, key))
		switch v := slog.AnyValue(value); v.Kind() {
		case slog.KindAny, slog.KindLogValuer, slog.KindGroup:
			if value != nil {
				m[name] = fmt.Sprint(value)
			}
		default:
			model{m, make(map[string]string)}.put(name, v)
		}
	}
}

// ours returns the stored fields of the same record from this handler.
func ours(t testing.TB, opts Config, bound attrs, groups []string, r slog.Record) stored {
	t.Helper()
	root, c := newCapture(t, opts)
	h := root.WithAttrs(bound)
	for _, g := range groups {
		h = h.WithGroup(g)
	}
	return fields(decode(t, handle(t, h, c, r)))
}

type unresolved struct{}

func (unresolved) LogValue() slog.Value { return slog.StringValue("resolved") }

// TestConverterDifferences lists the differences between the rules of this handler and
// slog-graylog, with the reason of each.
func TestConverterDifferences(t *testing.T) {
	pc, file, line, _ := runtime.Caller(0)
	const function = "github.com/aimakerspace/synlogger/handler.TestConverterDifferences"
	tests := []struct {
		rule         string
		bound, attrs attrs
		opts         Config
		ours, theirs stored
	}{
		{
			rule:   "an error is stored as its text under any key",
			attrs:  attrs{slog.Any("err", errors.New("boom"))},
			ours:   stored{"err": "boom"},
			theirs: stored{"err_error": "boom", "err_kind": "*errors.errorString"},
		},
		{
			rule:   "a LogValuer is resolved",
			attrs:  attrs{slog.Any("v", unresolved{})},
			ours:   stored{"v": "resolved"},
			theirs: stored{"v": "{}"},
		},
		{
			rule:   "the value of the call replaces the bound one, even if it is nil",
			bound:  attrs{slog.Int("a", 1)},
			attrs:  attrs{slog.Any("a", nil)},
			ours:   stored{},
			theirs: stored{"a": int64(1)},
		},
		{
			rule:   "a group without a key is inlined (slog.Handler)",
			attrs:  attrs{slog.Group("", "a", 1)},
			ours:   stored{"a": int64(1)},
			theirs: stored{},
		},
		{
			rule:   "an attribute without a key is stored as _",
			attrs:  attrs{slog.Int("", 1)},
			ours:   stored{"_": int64(1)},
			theirs: stored{},
		},
		{
			rule:   "an attribute does not replace the members of a group with the same name",
			bound:  attrs{slog.Group("g", "a", 1)},
			attrs:  attrs{slog.Int("g", 2)},
			ours:   stored{"g_a": int64(1), "g": int64(2)},
			theirs: stored{"g": int64(2)},
		},
		{
			rule:   "the source is stored in the fields file, line and function",
			opts:   Config{AddSource: true},
			ours:   stored{"file": file, "line": int64(line), "function": function},
			theirs: stored{"source_file": file, "source_line": int64(line), "source_function": function},
		},
	}
	for _, tc := range tests {
		t.Run(tc.rule, func(t *testing.T) {
			r := slog.NewRecord(testTime, slog.LevelInfo, "m", pc)
			r.AddAttrs(tc.attrs...)
			if diff := cmp.Diff(tc.ours, ours(t, tc.opts, tc.bound, nil, r)); diff != "" {
				t.Errorf("stored fields (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.theirs, oracle(tc.opts.AddSource, tc.bound, nil, r)); diff != "" {
				t.Errorf("slog-graylog's fields (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzConverter checks that there are no other differences.
func FuzzConverter(f *testing.F) {
	f.Add("a", "text", int64(1), 0.5, uint8(0), uint8(1), "b", "g", "h")
	f.Add("a.b", " ", int64(-1), math.NaN(), uint8(3), uint8(2), "id", "_g", "source")
	f.Add("logger", "\xff", int64(1<<60), math.MaxFloat64, uint8(5), uint8(6), "logger", "gl2", "x")
	f.Add("k", "世", int64(0), 1e-9, uint8(4), uint8(3), "k", "k", "k")
	f.Fuzz(func(t *testing.T, key1, text string, n int64, fl float64, kind1, kind2 uint8, key2, group, inner string) {
		if key1 == "" || key2 == "" || group == "" || inner == "" ||
			len(key1)+len(key2)+len(group)+len(inner) > field.MaxName/4 || len(text) > gelf.MaxField {
			return
		}
		if !plain(text) || !plain(text+"x") {
			return
		}
		// The values have the same kind, because a converter does not define which one is first.
		v1, v2 := fuzzValue(kind1, text, n, fl), fuzzValue(kind1, text+"x", n+int64(kind2), fl+float64(kind2))
		bound := attrs{
			{Key: key1, Value: v1},
			slog.Any(group, slog.GroupValue(slog.Attr{
				Key:   key1,
				Value: v2,
			}, slog.Attr{Key: inner, Value: slog.GroupValue(slog.Attr{Key: key2, Value: v1})})),
		}
		groups := []string{group, inner}
		r := record("m", slog.Attr{Key: key2, Value: v2}, slog.Attr{Key: key1, Value: v1})
		// If two paths become the same name, the order of a map does not define which is stored.
		names := make(map[string]string)
		for _, p := range [][]string{{key1}, {group, key1}, {group, inner, key2}, {group, inner, key1}} {
			var path []byte
			for _, g := range p[:len(p)-1] {
				path = field.AppendGroup(path, g)
			}
			raw := strings.Join(p, "\x00")
			for _, name := range []string{
				string(field.AppendName(nil, path, p[len(p)-1])),
				field.CutName(string(field.AppendName(nil, path, p[len(p)-1])), "_text"),
			} {
				if was, ok := names[name]; ok && was != raw {
					return
				}
				names[name] = raw
			}
		}
		if key1 == inner || group == key1 { // a value replaces a group
			return
		}
		if diff := cmp.Diff(oracle(false, bound, groups, r), ours(t, Config{}, bound, groups, r)); diff != "" {
			t.Errorf("stored fields (-slog-graylog +ours):\n%s", diff)
		}
	})
}

// TestConverter checks that a converter gets the same arguments as in slog-graylog, and
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
		Converter: func(addSource bool, _ func([]string, slog.Attr) slog.Attr, bound []slog.Attr, groups []string,
			r *slog.Record) map[string]any {
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
	if !got.source || got.bound != "a=1 trace=t1 g=[b=2]" || !cmp.Equal(got.groups, []string{"g"}) ||
		got.call != "call=3" {
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

// TestConverterOwnsGroups checks that a converter may modify the groups that it is
// given, like slog-graylog's: they are not shared with other records.
func TestConverterOwnsGroups(t *testing.T) {
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
