package encode

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
)

// TestContainerLimits checks that the depth and the length of a value are limited.
func TestContainerLimits(t *testing.T) {
	deep := any("bottom")
	for range 10_000 {
		deep = []any{deep}
	}
	for name, v := range map[string]any{
		"deep":      deep,
		"long list": make([]int, 1<<20),
		"long text": []string{strings.Repeat("x", 1<<20)},
		"long map":  map[string]string{"a": strings.Repeat("x", 1<<20), "b": strings.Repeat("y", 1<<20)},
		"long pair": []any{strings.Repeat("\xff", 1<<20), 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFormat(t, Config{})
			got := fields(decode(t, encodeRecord(f, record("m", slog.Any("v", v)))))
			text, _ := got["v"].(string)
			if name == "deep" {
				if !strings.Contains(text, "nested too deep") {
					t.Errorf("stored as %.80s…, want the error for deep nesting", text)
				}
				return
			}
			if len(text) > gelf.MaxField || len(text) < gelf.MaxField-3 {
				t.Errorf("the text has %d bytes, want about %d", len(text), gelf.MaxField)
			}
			if got["truncated"] != "v" {
				t.Errorf("truncated is %v", got["truncated"])
			}
		})
	}
}

// A pin hides itself with a method of its pointer.
type pin struct{ Pin string }

func (*pin) LogValue() slog.Value { return slog.StringValue("hidden") }

// TestLogValueOfPointer checks that the LogValue method of a pointer is also called for
// addressable values: the elements of a slice and the elements of pointers.
func TestLogValueOfPointer(t *testing.T) {
	type holder struct{ P pin }
	for _, v := range []any{
		[]pin{{secret}},
		&holder{pin{secret}},
		[]holder{{pin{secret}}},
		map[string][]pin{"a": {{secret}}},
	} {
		f := newFormat(t, Config{})
		frame := encodeRecord(f, record("m", slog.Any("k", v)))
		if strings.Contains(string(frame), secret) || !strings.Contains(string(frame), "hidden") {
			t.Errorf("%T is sent as %s", v, frame)
		}
	}
}

type selfGroup struct{}

func (selfGroup) LogValue() slog.Value { return slog.GroupValue(slog.Any("me", selfGroup{})) }

type selfInline struct{}

func (selfInline) LogValue() slog.Value { return slog.GroupValue(slog.Any("", selfInline{})) }

// TestSelfContainingGroup checks that a LogValuer whose group contains itself ends neither
// the process nor the record.
func TestSelfContainingGroup(t *testing.T) {
	for _, v := range []any{selfGroup{}, selfInline{}, []any{selfGroup{}}, []any{selfInline{}}} {
		f := newFormat(t, Config{})
		got := fields(decode(t, encodeRecord(f, record("m", slog.Any("v", v), slog.Int("after", 1)))))
		if got["after"] != int64(1) {
			t.Errorf("%T: the attribute after it is %v", v, got["after"])
		}
		found := false
		for _, value := range got {
			text, _ := value.(string)
			found = found || strings.Contains(text, "!ERROR: the value contains itself")
		}
		if !found {
			t.Errorf("%T: no field contains the error: %.300v", v, got)
		}
	}
}

// A doubling is a LogValuer that contains itself twice.
type doubling struct{ left, right string }

func (d doubling) LogValue() slog.Value {
	return slog.GroupValue(slog.Any(d.left, d), slog.Any(d.right, d))
}

// A nothing is a doubling group in which no attribute has a value.
type nothing struct{}

func (nothing) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("", nothing{}), slog.Any("a", nil), slog.Any("", nothing{}))
}

// A wide is a LogValuer with many members, each of which has as many.
type wide struct{ text string }

func (w wide) LogValue() slog.Value {
	var members []slog.Attr
	for i := range 100 {
		members = append(members, slog.String(fmt.Sprint("text", i), w.text), slog.Any(fmt.Sprint("more", i), w))
	}
	return slog.GroupValue(members...)
}

// TestGrowingGroups checks that a value whose groups grow without end becomes a record
// that lists what was left out, in bounded time and memory.
func TestGrowingGroups(t *testing.T) {
	for _, v := range []any{
		doubling{"a", "b"},
		doubling{"", ""},
		doubling{"a", "a"},
		nothing{},
		wide{"x"},
		wide{strings.Repeat("x", 20_000)},
	} {
		for _, v := range []any{v, []any{v}, map[string]any{"m": v}, struct{ V any }{v}} {
			t.Run(fmt.Sprintf("%.50T", v), func(t *testing.T) {
				f := newFormat(t, Config{})
				start := time.Now()
				m := decode(t, encodeRecord(f, record("m", slog.Any("v", v), slog.Int("after", 1))))
				if m.Fields["after"] != int64(1) && len(m.Fields) < 1000 {
					t.Errorf("the attribute after it is %v", m.Fields["after"])
				}
				if truncated, _ := m.Fields["truncated"].(string); !strings.Contains(", "+truncated+",", ", v") {
					t.Errorf("truncated is %.100q, want v in it", truncated)
				}
				if took := time.Since(start); took > time.Minute {
					t.Errorf("encoding took %v", took)
				}
			})
		}
	}
}
