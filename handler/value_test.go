package handler

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"
)

type (
	namedInt    int
	namedUint   uint8
	namedFloat  float32
	namedString string
	namedBool   bool
	namedBytes  []byte
	nanoseconds time.Duration
)

type stringer struct{}

func (stringer) String() string { return "a stringer" }

type panicker struct{ say any }

func (p panicker) String() string { panic(p.say) }

type errorPanicker struct{}

func (*errorPanicker) Error() string { panic("no text") }

type textMarshaler struct{ err error }

func (m textMarshaler) MarshalText() ([]byte, error) { return []byte("a text"), m.err }

type jsonMarshaler string

func (m jsonMarshaler) MarshalJSON() ([]byte, error) { return []byte(m), nil }

type failing struct{}

func (failing) MarshalJSON() ([]byte, error) { return nil, errors.New("no JSON today") }

type logValuer func() slog.Value

func (f logValuer) LogValue() slog.Value { return f() }

type endless struct{}

func (endless) LogValue() slog.Value { return slog.AnyValue(endless{}) }

type inItself struct{}

func (inItself) LogValue() slog.Value { return slog.GroupValue(slog.Any("me", inItself{})) }

type inItselfInline struct{}

func (inItselfInline) LogValue() slog.Value { return slog.GroupValue(slog.Any("", inItselfInline{})) }

type party struct {
	Name     string `json:"name"`
	Rounds   int    `json:"rounds,omitempty"`
	Password string `json:"password"`
	hidden   int
}

type node struct{ Next *node }

// TestValue tells what becomes of each kind of value. The field is v, unless
// the number that it is has no place in the index.
func TestValue(t *testing.T) {
	ptr := func(v any) any { return v }
	i, f, s, b, d := 7, 2.0, "text", true, 1500*time.Millisecond
	pi := &i
	var nilError *errorPanicker
	var nilBig *big.Int
	v := func(value any) stored { return stored{"v": value} }
	text := func(value string) stored { return stored{"v_text": value} }
	none := stored{}
	tests := []struct {
		name  string
		value any
		want  stored
	}{
		{"a text", "héllo 世界 🚀", v("héllo 世界 🚀")},
		{"a blank text", " \t\r\n\x00\x1f", none},
		{"no text", "", none},
		{"a no-break space, which Java does not trim", "\u00a0", v("\u00a0")},
		{"control characters", "a\x00\x01\n\t\r\x1f\x7fb", v("a\x00\x01\n\t\r\x1f\x7fb")},
		{"quotation marks and backslashes", `"\"\\`, v(`"\"\\`)},
		{"invalid UTF-8", "a\xffb\xc3", v("a\uFFFDb\uFFFD")},
		{"line separators and HTML", "<&>\u2028\u2029", v("<&>\u2028\u2029")},
		{"an int", -3, v(int64(-3))},
		{"the least int64", int64(math.MinInt64), v(int64(math.MinInt64))},
		{"the greatest uint64 that is stored", uint64(math.MaxInt64), v(int64(math.MaxInt64))},
		{"a uint64 that is not", uint64(math.MaxInt64) + 1, text("9223372036854775808")},
		{"a float", 0.1, v(0.1)},
		{"a float32, which slog makes a float64", float32(0.1), v(float64(float32(0.1)))},
		{"a small float", 5e-324, v(5e-324)},
		{"a large float", 1e21, v(1e21)},
		{"the largest float of the index", float64(math.MaxFloat32), v(float64(math.MaxFloat32))},
		{"a float beyond those of the index", 1e39, text("1e+39")},
		{"a float far beyond", -math.MaxFloat64, text("-1.7976931348623157e+308")},
		{"NaN", math.NaN(), text("NaN")},
		{"infinite", math.Inf(1), text("+Inf")},
		{"infinite below", float32(math.Inf(-1)), text("-Inf")},
		{"true", true, v("true")},
		{"false", false, v("false")},
		{"a duration", d, v(1.5)},
		{"a nanosecond", time.Nanosecond, v(1e-9)},
		{"a negative duration", -1001 * time.Millisecond, v(-1.001)},
		{"the least duration", time.Duration(math.MinInt64), v(-9223372036.854775808)},
		{"a time", testTime, v("2023-11-14T22:13:20.123456789Z")},
		{"a time elsewhere", testTime.In(time.FixedZone("", 3600*8)), v("2023-11-15T06:13:20.123456789+08:00")},
		{"the zero time", time.Time{}, v("0001-01-01T00:00:00Z")},
		{"a pointer to a time", &testTime, v("2023-11-14T22:13:20.123456789Z")},
		{"nothing", nil, none},

		{"bytes", []byte("aä"), v("aä")},
		{"bytes that are not text", []byte("a\xff"), v("Yf8=")},
		{"no bytes", []byte{}, none},
		{"bytes of a type of their own", namedBytes("ab"), v("ab")},
		{"an array of bytes", [2]byte{1, 2}, v("[1,2]")},

		{"a type of its own: int", namedInt(1), v(int64(1))},
		{"a type of its own: uint8", namedUint(1), v(int64(1))},
		{"a type of its own: float32", namedFloat(0.1), v(0.1)},
		{"a type of its own: infinite", namedFloat(math.Inf(1)), text("+Inf")},
		{"a type of its own: string", namedString("a"), v("a")},
		{"a type of its own: bool", namedBool(true), v("true")},
		{"a type of its own: duration without its methods", nanoseconds(5), v(int64(5))},
		{"uintptr", uintptr(5), v(int64(5))},
		{"a pointer to an int", ptr(&i), v(int64(7))},
		{"a pointer to a pointer", ptr(&pi), v(int64(7))},
		{"a pointer to a float", ptr(&f), v(2.0)},
		{"a pointer to a string", ptr(&s), v("text")},
		{"a pointer to a bool", ptr(&b), v("true")},
		{"a pointer to a duration", ptr(&d), v(1.5)},
		{"a nil pointer", (*int)(nil), none},
		{"a nil pointer with methods", (*time.Time)(nil), none},
		{"a nil pointer that is an error", error(nilError), none},
		{"a large integer", *big.NewInt(5), v(int64(5))},
		{"a larger integer", new(big.Int).Lsh(big.NewInt(1), 70), text("1180591620717411303424")},
		{"no large integer", nilBig, none},

		{"an error", io.ErrUnexpectedEOF, v("unexpected EOF")},
		{"a wrapped error", fmt.Errorf("round 3: %w", io.EOF), v("round 3: EOF")},
		{"an error without a text", errors.New(""), none},
		{"an error that panics", new(errorPanicker), v("!PANIC: no text")},
		{"a Stringer", stringer{}, v("a stringer")},
		{"a Stringer that panics", panicker{"out of order"}, v("!PANIC: out of order")},
		{"a Stringer whose panic panics", panicker{panicker{1}}, v("!PANIC: %!v(PANIC=String method: 1)")},
		{"a TextMarshaler", textMarshaler{}, v("a text")},
		{"an address", netip.MustParseAddr("10.0.0.1"), v("10.0.0.1")},
		{"a TextMarshaler that fails", textMarshaler{io.EOF}, v("!ERROR: EOF")},
		{"a level", slog.LevelWarn, v("WARN")},

		{"JSON of its own: an object", jsonMarshaler(`{ "a": [ 1, "<" ] }`), v(`{"a":[1,"<"]}`)},
		{"JSON of its own: a text", jsonMarshaler(`"a\u0062"`), v("ab")},
		{"JSON of its own: an integer", jsonMarshaler(`12`), v(int64(12))},
		{"JSON of its own: a float", jsonMarshaler(`1e2`), v(100.0)},
		{"JSON of its own: a large integer", jsonMarshaler(`18446744073709551616`), text("18446744073709551616")},
		{"JSON of its own: a float beyond all", jsonMarshaler(`1e400`), text("1e400")},
		{"JSON of its own: true", jsonMarshaler(`true`), v("true")},
		{"JSON of its own: null", jsonMarshaler(`null`), none},
		{
			"JSON of its own: not JSON",
			jsonMarshaler(`{`),
			v("!ERROR: json: error calling MarshalJSON for type handler.jsonMarshaler: unexpected end of JSON input"),
		},
		{
			"JSON of its own: an error",
			failing{},
			v("!ERROR: json: error calling MarshalJSON for type handler.failing: no JSON today"),
		},
		{"raw JSON", json.RawMessage(`[1]`), v(`[1]`)},

		{"a function", func() {}, v("!ERROR: json: unsupported type: func()")},
		{"a channel", make(chan int), v("!ERROR: json: unsupported type: chan int")},
		{"a complex number", 1 - 2.5i, v("(1-2.5i)")},
		{"a number of JSON", json.Number("-7"), v(int64(-7))},
		{"a float of JSON", json.Number("1e2"), v(100.0)},
		{"a large number of JSON", json.Number("18446744073709551616"), text("18446744073709551616")},
		{"not a number of JSON", json.Number("0x7"), v("0x7")},
		{"no number of JSON", json.Number(""), none},

		{"a LogValuer", logValuer(func() slog.Value { return slog.IntValue(1) }), v(int64(1))},
		{"a LogValuer of a LogValuer", logValuer(func() slog.Value {
			return slog.AnyValue(logValuer(func() slog.Value { return slog.DurationValue(time.Second) }))
		}), v(1.0)},
		{
			"a LogValuer of a group",
			logValuer(func() slog.Value { return slog.GroupValue(slog.Int("a", 1), slog.Bool("b", true)) }),
			stored{"v_a": int64(1), "v_b": "true"},
		},
		{"a LogValuer of nothing", logValuer(func() slog.Value { return slog.Value{} }), none},
		{"a LogValuer that panics", logValuer(func() slog.Value { panic(io.EOF) }), v("!PANIC: EOF")},
		{
			"a LogValuer that is nil",
			logValuer(nil),
			v("!PANIC: runtime error: invalid memory address or nil pointer dereference"),
		},
		{
			"a LogValuer without end",
			endless{},
			v("!ERROR: LogValue called too many times on Value of type handler.endless"),
		},
		{
			"a source",
			&slog.Source{Function: "f", File: "x.go", Line: 3},
			stored{"v_function": "f", "v_file": "x.go", "v_line": int64(3)},
		},
	}
	var table []storedTest
	for _, tc := range tests {
		table = append(table, storedTest{name: tc.name, attrs: attrs{slog.Any("v", tc.value)}, want: tc.want})
	}
	runStored(t, table)
}

// TestGroupInItself holds that a LogValuer whose group has it again ends
// neither the process nor the record.
func TestGroupInItself(t *testing.T) {
	for _, v := range []any{inItself{}, inItselfInline{}, []any{inItself{}}, []any{inItselfInline{}}} {
		h, c := newCapture(t, Config{})
		got := fields(decode(t, handle(t, h, c, record("m", slog.Any("v", v), slog.Int("after", 1)))))
		if got["after"] != int64(1) {
			t.Errorf("%T: the attribute behind it is %v", v, got["after"])
		}
		said := false
		for _, value := range got {
			text, _ := value.(string)
			said = said || strings.Contains(text, "!ERROR: the value contains itself")
		}
		if !said {
			t.Errorf("%T: no field says what is wrong: %.300v", v, got)
		}
	}
}

// doubling is a LogValuer that has itself twice.
type doubling struct{ left, right string }

func (d doubling) LogValue() slog.Value {
	return slog.GroupValue(slog.Any(d.left, d), slog.Any(d.right, d))
}

// nothing is a doubling group in which no attribute has a value.
type nothing struct{}

func (nothing) LogValue() slog.Value {
	return slog.GroupValue(slog.Any("", nothing{}), slog.Any("a", nil), slog.Any("", nothing{}))
}

// wide is a LogValuer of many members, each of which has as many.
type wide struct{ text string }

func (w wide) LogValue() slog.Value {
	var members []slog.Attr
	for i := range 100 {
		members = append(members, slog.String(fmt.Sprint("text", i), w.text), slog.Any(fmt.Sprint("more", i), w))
	}
	return slog.GroupValue(members...)
}

// TestGroupGrows holds that a value whose groups grow without end becomes a
// record that says what is left out, in bounded time and memory.
func TestGroupGrows(t *testing.T) {
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
				h, c := newCapture(t, Config{})
				start := time.Now()
				m := decode(t, handle(t, h, c, record("m", slog.Any("v", v), slog.Int("after", 1))))
				if m.Fields["after"] != int64(1) && len(m.Fields) < 1000 {
					t.Errorf("the attribute behind it is %v", m.Fields["after"])
				}
				if truncated, _ := m.Fields["truncated"].(string); !strings.Contains(", "+truncated+",", ", v") {
					t.Errorf("truncated is %.100q", truncated)
				}
				if took := time.Since(start); took > time.Minute {
					t.Errorf("it took %v", took)
				}
			})
		}
	}
}
