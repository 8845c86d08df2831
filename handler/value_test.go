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

type panicker struct{ value any }

func (p panicker) String() string { panic(p.value) }

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

type party struct {
	Name     string `json:"name"`
	Rounds   int    `json:"rounds,omitempty"`
	Password string `json:"password"`
	hidden   int
}

type node struct{ Next *node }

// TestValue checks how each kind of value is stored. The field is v, or v_text for a
// number that the index cannot store.
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
		{"a string", "héllo 世界 🚀", v("héllo 世界 🚀")},
		{"a blank string", " \t\r\n\x00\x1f", none},
		{"an empty string", "", none},
		{"a no-break space, which Java does not trim", "\u00a0", v("\u00a0")},
		{"control characters", "a\x00\x01\n\t\r\x1f\x7fb", v("a\x00\x01\n\t\r\x1f\x7fb")},
		{"quotation marks and backslashes", `"\"\\`, v(`"\"\\`)},
		{"invalid UTF-8", "a\xffb\xc3", v("a\uFFFDb\uFFFD")},
		{"line separators and HTML", "<&>\u2028\u2029", v("<&>\u2028\u2029")},
		{"an int", -3, v(int64(-3))},
		{"the least int64", int64(math.MinInt64), v(int64(math.MinInt64))},
		{"the greatest uint64 that is stored", uint64(math.MaxInt64), v(int64(math.MaxInt64))},
		{"a uint64 that exceeds an int64", uint64(math.MaxInt64) + 1, text("9223372036854775808")},
		{"a float", 0.1, v(0.1)},
		{"a float32, which slog makes a float64", float32(0.1), v(float64(float32(0.1)))},
		{"a small float", 5e-324, v(5e-324)},
		{"a large float", 1e21, v(1e21)},
		{"the largest float of the index", float64(math.MaxFloat32), v(float64(math.MaxFloat32))},
		{"a float that exceeds the range of the index", 1e39, text("1e+39")},
		{"the least float64", -math.MaxFloat64, text("-1.7976931348623157e+308")},
		{"NaN", math.NaN(), text("NaN")},
		{"infinity", math.Inf(1), text("+Inf")},
		{"negative infinity", float32(math.Inf(-1)), text("-Inf")},
		{"true", true, v("true")},
		{"false", false, v("false")},
		{"a duration", d, v(1.5)},
		{"a nanosecond", time.Nanosecond, v(1e-9)},
		{"a negative duration", -1001 * time.Millisecond, v(-1.001)},
		{"the least duration", time.Duration(math.MinInt64), v(-9223372036.854775808)},
		{"a time", testTime, v("2023-11-14T22:13:20.123456789Z")},
		{"a time in another zone", testTime.In(time.FixedZone("", 3600*8)), v("2023-11-15T06:13:20.123456789+08:00")},
		{"the zero time", time.Time{}, v("0001-01-01T00:00:00Z")},
		{"a pointer to a time", &testTime, v("2023-11-14T22:13:20.123456789Z")},
		{"nil", nil, none},

		{"bytes", []byte("aä"), v("aä")},
		{"bytes that are not UTF-8", []byte("a\xff"), v("Yf8=")},
		{"empty bytes", []byte{}, none},
		{"bytes of a named type", namedBytes("ab"), v("ab")},
		{"an array of bytes", [2]byte{1, 2}, v("[1,2]")},

		{"a named type: int", namedInt(1), v(int64(1))},
		{"a named type: uint8", namedUint(1), v(int64(1))},
		{"a named type: float32", namedFloat(0.1), v(0.1)},
		{"a named type: infinite", namedFloat(math.Inf(1)), text("+Inf")},
		{"a named type: string", namedString("a"), v("a")},
		{"a named type: bool", namedBool(true), v("true")},
		{"a named type: duration without its methods", nanoseconds(5), v(int64(5))},
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
		{"a big.Int", *big.NewInt(5), v(int64(5))},
		{"a big.Int that exceeds an int64", new(big.Int).Lsh(big.NewInt(1), 70), text("1180591620717411303424")},
		{"a nil *big.Int", nilBig, none},

		{"an error", io.ErrUnexpectedEOF, v("unexpected EOF")},
		{"a wrapped error", fmt.Errorf("round 3: %w", io.EOF), v("round 3: EOF")},
		{"an error with an empty text", errors.New(""), none},
		{"an error that panics", new(errorPanicker), v("!PANIC: no text")},
		{"a Stringer", stringer{}, v("a stringer")},
		{"a Stringer that panics", panicker{"out of order"}, v("!PANIC: out of order")},
		{"a Stringer whose panic panics", panicker{panicker{1}}, v("!PANIC: %!v(PANIC=String method: 1)")},
		{"a TextMarshaler", textMarshaler{}, v("a text")},
		{"an address", netip.MustParseAddr("10.0.0.1"), v("10.0.0.1")},
		{"a TextMarshaler that fails", textMarshaler{io.EOF}, v("!ERROR: EOF")},
		{"a level", slog.LevelWarn, v("WARN")},

		{"JSON: an object", jsonMarshaler(`{ "a": [ 1, "<" ] }`), v(`{"a":[1,"<"]}`)},
		{"JSON: a string", jsonMarshaler(`"a\u0062"`), v("ab")},
		{"JSON: an integer", jsonMarshaler(`12`), v(int64(12))},
		{"JSON: a float", jsonMarshaler(`1e2`), v(100.0)},
		{"JSON: a large integer", jsonMarshaler(`18446744073709551616`), text("18446744073709551616")},
		{"JSON: a float that exceeds a float64", jsonMarshaler(`1e400`), text("1e400")},
		{"JSON: true", jsonMarshaler(`true`), v("true")},
		{"JSON: null", jsonMarshaler(`null`), none},
		{
			"JSON: invalid",
			jsonMarshaler(`{`),
			v("!ERROR: json: error calling MarshalJSON for type handler.jsonMarshaler: unexpected end of JSON input"),
		},
		{
			"JSON: an error",
			failing{},
			v("!ERROR: json: error calling MarshalJSON for type handler.failing: no JSON today"),
		},
		{"raw JSON", json.RawMessage(`[1]`), v(`[1]`)},

		{"a function", func() {}, v("!ERROR: json: unsupported type: func()")},
		{"a channel", make(chan int), v("!ERROR: json: unsupported type: chan int")},
		{"a complex number", 1 - 2.5i, v("(1-2.5i)")},
		{"a json.Number", json.Number("-7"), v(int64(-7))},
		{"a json.Number: a float", json.Number("1e2"), v(100.0)},
		{"a json.Number: a large integer", json.Number("18446744073709551616"), text("18446744073709551616")},
		{"a json.Number: hexadecimal", json.Number("0x7"), v("0x7")},
		{"a json.Number: empty", json.Number(""), none},

		{"a LogValuer", logValuer(func() slog.Value { return slog.IntValue(1) }), v(int64(1))},
		{"a LogValuer that returns a LogValuer", logValuer(func() slog.Value {
			return slog.AnyValue(logValuer(func() slog.Value { return slog.DurationValue(time.Second) }))
		}), v(1.0)},
		{
			"a LogValuer that returns a group",
			logValuer(func() slog.Value { return slog.GroupValue(slog.Int("a", 1), slog.Bool("b", true)) }),
			stored{"v_a": int64(1), "v_b": "true"},
		},
		{"a LogValuer that returns nil", logValuer(func() slog.Value { return slog.Value{} }), none},
		{"a LogValuer that panics", logValuer(func() slog.Value { panic(io.EOF) }), v("!PANIC: EOF")},
		{
			"a LogValuer that is nil",
			logValuer(nil),
			v("!PANIC: runtime error: invalid memory address or nil pointer dereference"),
		},
		{
			"a LogValuer that always returns a LogValuer",
			endless{},
			v("!ERROR: LogValue called too many times on Value of type handler.endless"),
		},
		{
			"a slog.Source",
			&slog.Source{Function: "f", File: "x.go", Line: 3},
			stored{"v_function": "f", "v_file": "x.go", "v_line": int64(3)},
		},
	}
	var table []storedTest
	for _, tc := range tests {
		table = append(table, storedTest{
			name:  tc.name,
			attrs: attrs{slog.Any("v", tc.value)},
			want:  tc.want,
		})
	}
	runStored(t, table)
}
