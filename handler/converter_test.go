package handler

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/internal/field"

	"github.com/google/go-cmp/cmp"
	sloggraylog "github.com/samber/slog-graylog/v2"

	"github.com/aimakerspace/synlogger/gelf"
)

// oracle returns what slog-graylog makes of a record, flattened, and under the
// names and with the values that the contract gives them.
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

// ours returns what is stored of the same record.
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

// TestConverterDifferences lists where the rules for attributes are not those
// of slog-graylog, and which rule decides.
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
			rule: "an error is its text, under any key",
			attrs: attrs{
				slog.Any("err", errors.New("boom")),
			},
			ours:   stored{"err": "boom"},
			theirs: stored{"err_error": "boom", "err_kind": "*errors.errorString"},
		},
		{rule: "a LogValuer is resolved",
			attrs: attrs{slog.Any("v", unresolved{})}, ours: stored{"v": "resolved"}, theirs: stored{"v": "{}"}},
		{
			rule: "the call's value wins over the bound one, even where it is nil",
			bound: attrs{
				slog.Int("a", 1),
			},
			attrs:  attrs{slog.Any("a", nil)},
			ours:   stored{},
			theirs: stored{"a": int64(1)},
		},
		{rule: "a group without a key stands for its members (slog.Handler)",
			attrs: attrs{slog.Group("", "a", 1)}, ours: stored{"a": int64(1)}, theirs: stored{}},
		{rule: "no attribute is lost: one without a key is stored as _",
			attrs: attrs{slog.Int("", 1)}, ours: stored{"_": int64(1)}, theirs: stored{}},
		{
			rule: "a group's members have names of their own, and no other value takes their place",
			bound: attrs{
				slog.Group("g", "a", 1),
			},
			attrs:  attrs{slog.Int("g", 2)},
			ours:   stored{"g_a": int64(1), "g": int64(2)},
			theirs: stored{"g": int64(2)},
		},
		{rule: "the caller is in the fields file, line and function",
			opts: Config{AddSource: true}, ours: stored{"file": file, "line": int64(line), "function": function},
			theirs: stored{"source_file": file, "source_line": int64(line), "source_function": function}},
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

// FuzzConverter holds that there are no other differences.
func FuzzConverter(f *testing.F) {
	f.Add("a", "text", int64(1), 0.5, uint8(0), uint8(1), "b", "g", "h")
	f.Add("a.b", " ", int64(-1), math.NaN(), uint8(3), uint8(2), "id", "_g", "source")
	f.Add("logger", "\xff", int64(1<<60), math.MaxFloat64, uint8(5), uint8(6), "logger", "gl2", "x")
	f.Add("k", "世", int64(0), 1e-9, uint8(4), uint8(3), "k", "k", "k")
	f.Fuzz(func(t *testing.T, key1, text string, n int64, fl float64, kind1, kind2 uint8, key2, group, inner string) {
		if key1 == "" || key2 == "" || group == "" || inner == "" || len(key1)+len(key2)+len(group)+len(inner) > field.MaxName/4 || len(text) > gelf.MaxField {
			return
		}
		if !plain(text) || !plain(text+"x") {
			return
		}
		// Values of one kind: which one of two came first is not for a converter to say.
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
		// Where two paths become one name, a map has no order to say which wins.
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
		if key1 == inner || group == key1 { // a value instead of a group
			return
		}
		if diff := cmp.Diff(oracle(false, bound, groups, r), ours(t, Config{}, bound, groups, r)); diff != "" {
			t.Errorf("stored fields (-slog-graylog +ours):\n%s", diff)
		}
	})
}
