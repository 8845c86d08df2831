package handler

import (
	"fmt"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/gelf"
)

// TestDuplicates checks that of two attributes with the same name the later one is
// stored, whatever its value, and that attributes of the call replace bound ones.
func TestDuplicates(t *testing.T) {
	one := int64(1)
	runStored(t, []storedTest{
		{
			name:  "bound",
			with:  with(slog.Int("a", 2)),
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"a": one},
		},
		{
			name:  "in one call",
			attrs: attrs{slog.Int("a", 2), slog.Int("b", 3), slog.Int("a", 1)},
			want:  stored{"a": one, "b": int64(3)},
		},
		{
			name:  "values of other kinds",
			with:  with(slog.Any("a", []any{`,"_a":1`, "}]"}), slog.String("b", `,"_a":"`), slog.Float64("c", 1)),
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"a": "1", "b": `,"_a":"`, "c": 1.0},
		},
		{
			name: "three times",
			with: func(h slog.Handler) slog.Handler {
				return h.WithAttrs(attrs{slog.Int("a", 3)}).WithAttrs(attrs{slog.Int("a", 2), slog.Int("ab", 2)})
			},
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"a": one, "ab": int64(2)},
		},
		{
			name:  "a blank one",
			with:  with(slog.Int("a", 2)),
			attrs: attrs{slog.String("a", " ")},
			want:  stored{},
		},
		{
			name:  "a nil one",
			with:  with(slog.Int("a", 2)),
			attrs: attrs{slog.Any("a", nil)},
			want:  stored{},
		},
		{
			name:  "in an open group",
			with:  func(h slog.Handler) slog.Handler { return h.WithGroup("g").WithAttrs(attrs{slog.Int("a", 2)}) },
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"g_a": one},
		},
		{
			name:  "a number that cannot be stored replaces another",
			with:  with(slog.Float64("a", 2)),
			attrs: attrs{slog.Float64("a", math.NaN())},
			want:  stored{"a_text": "NaN"},
		},
		{
			name:  "a long blank text replaces a long text",
			with:  with(slog.String("a", strings.Repeat("x", gelf.MaxField+1))),
			attrs: attrs{slog.String("a", strings.Repeat(" ", gelf.MaxField+1))},
			want:  stored{},
		},
		{
			name:  "a number replaces one that cannot be stored",
			with:  with(slog.Float64("a", math.NaN())),
			attrs: attrs{slog.Float64("a", 1)},
			want:  stored{"a": 1.0},
		},
		{
			name:  "nil replaces a number that cannot be stored",
			with:  with(slog.Float64("a", math.NaN()), slog.Int("b", 1)),
			attrs: attrs{slog.Any("a", nil)},
			want:  stored{"b": one},
		},
		{
			name:  "an attribute replaces a configured field",
			opts:  Config{Fields: attrs{slog.String("file_path", "/srv/run")}},
			attrs: attrs{slog.String("file_path", "/srv/other")},
			want:  stored{"file_path": "/srv/other"},
		},
		{
			name: "a configured field",
			opts: Config{Fields: attrs{slog.String("file_path", "/srv/run")}},
			want: stored{"file_path": "/srv/run"},
		},
		{
			name:  "truncated in a complete record",
			attrs: attrs{slog.Int("truncated", 1)},
			want:  stored{"truncated": one},
		},
		{
			name:  "truncated in a record with a cut text",
			attrs: attrs{slog.Int("truncated", 1), slog.String("a", strings.Repeat("x", gelf.MaxField+1))},
			want:  stored{"a": strings.Repeat("x", gelf.MaxField), "truncated": "a"},
		},
		{
			name:  "a short value replaces a cut one",
			with:  with(slog.String("a", strings.Repeat("x", gelf.MaxField+1))),
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"a": "1"},
		},
		{
			name:  "an error replaces one with a stack",
			with:  with(slog.Any("err", detailed{"first"})),
			attrs: attrs{slog.Any("err", io.EOF)},
			want:  stored{"err": "EOF"},
		},
	})
}

// TestManyDuplicates checks the rules of TestDuplicates with hundreds of names.
func TestManyDuplicates(t *testing.T) {
	const names = 700
	var bound, call attrs
	want := make(stored)
	for i := range names {
		key := fmt.Sprint("k", i)
		bound = append(bound, slog.Int(key, -1), slog.Int(key, i))
		want[key] = int64(i)
		switch i % 5 {
		case 1:
			call = append(call, slog.String(key, ""))
			delete(want, key)
		case 2:
			call = append(call, slog.String(key, "call"), slog.Float64(key, math.NaN()))
			delete(want, key)
			want[key+"_text"] = "NaN"
		case 3:
			call = append(call, slog.Float64(key, math.NaN()), slog.Any(key, nil), slog.String(key, `,"_k1":"`))
			delete(want, key)
			want[key+"_text"] = `,"_k1":"`
		}
	}
	call = append(call, slog.Int("truncated", 1), slog.String("long", strings.Repeat("x", gelf.MaxField+1)))
	want["long"], want["truncated"] = strings.Repeat("x", gelf.MaxField), "long"
	runStored(t, []storedTest{{
		name:  "many",
		with:  with(bound...),
		attrs: call,
		want:  want,
	}})
}
