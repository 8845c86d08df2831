package handler

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/encode"
	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// trim returns s as Graylog stores it.
func trim(s string) string {
	return strings.TrimFunc(string([]rune(s)), func(r rune) bool { return r <= ' ' })
}

// A model computes the fields that should be stored, independently of the encoder.
type model struct {
	stored stored
	kinds  map[string]string // of the first values, by the names of their fields
}

// put adds the field of one attribute.
func (m model) put(name string, v slog.Value) {
	other := func(suffix string) string { return field.CutName(name, suffix) }
	for _, n := range []string{name, other("_text"), other("_date"), other("_float")} {
		delete(m.stored, n)
	}
	var value any
	is := ""
	switch v.Kind() {
	case slog.KindString:
		s := trim(jsontext.CutString(
			strings.TrimLeftFunc(v.String(), func(r rune) bool { return r <= ' ' }),
			gelf.MaxField,
		))
		if s == "" {
			return
		}
		is, value = "text", s
	case slog.KindInt64:
		is, value = "integer", v.Int64()
	case slog.KindUint64:
		if is, value = "integer", int64(v.Uint64()); v.Uint64() > math.MaxInt64 {
			m.stored[other("_text")] = fmt.Sprint(v.Uint64())
			return
		}
	case slog.KindFloat64:
		if is, value = "float", v.Float64(); !(math.Abs(v.Float64()) <= math.MaxFloat32) {
			m.stored[other("_text")] = fmt.Sprint(v.Float64())
			return
		}
	case slog.KindBool:
		is, value = "text", fmt.Sprint(v.Bool())
	case slog.KindDuration:
		is, value = "float", v.Duration().Seconds()
	case slog.KindTime:
		is, value = "date", v.Time().Format(time.RFC3339Nano)
	default:
		panic(v.Kind())
	}
	first, ok := m.kinds[name]
	if !ok {
		first, m.kinds[name] = is, is
	}
	number, isInt := value.(int64)
	f, isFloat := value.(float64)
	whole := isFloat && f == math.Trunc(f) && math.Abs(f) < 1e18
	switch {
	case is == first:
		m.stored[name] = value
	case first == "float" && isInt:
		m.stored[name] = float64(number)
	case first == "integer" && whole:
		m.stored[name] = int64(f)
	case first == "integer" && isFloat:
		m.stored[other("_float")] = f
	case is == "date":
		m.stored[other("_date")] = value
	case is == "text":
		m.stored[other("_text")] = value
	case first == "text":
		m.stored[name] = numberText(v)
	default:
		m.stored[other("_text")] = numberText(v)
	}
}

// numberText returns the text of a number in a frame.
func numberText(v slog.Value) string {
	switch v.Kind() {
	case slog.KindFloat64:
		return string(jsontext.AppendFloat(nil, v.Float64(), 64))
	case slog.KindDuration:
		return string(jsontext.AppendSeconds(nil, v.Duration()))
	}
	return v.String()
}

// fuzzValue returns a value of one of several kinds from the fuzzer's input.
func fuzzValue(kind uint8, text string, n int64, f float64) slog.Value {
	switch kind % 7 {
	case 0:
		return slog.StringValue(text)
	case 1:
		return slog.Int64Value(n)
	case 2:
		return slog.Uint64Value(uint64(n))
	case 3:
		return slog.Float64Value(f)
	case 4:
		return slog.BoolValue(n&1 == 0)
	case 5:
		return slog.TimeValue(time.Unix(n>>30, n&(1<<24-1)).UTC())
	default:
		return slog.DurationValue(time.Duration(n) / 1000 * 1000)
	}
}

// collide reports whether two keys, the second of which is in a group, have the same
// name, with or without the suffixes for other kinds.
func collide(name1, key1, name2 string, path []byte, key2 string) bool {
	for _, a := range []string{"", "_text", "_date", "_float"} {
		for _, b := range []string{"", "_text", "_date", "_float"} {
			if field.CutName(name1, a) == field.CutName(name2, b) && (key1 != key2 || len(path) > 0 || a != b) {
				return true
			}
		}
	}
	return false
}

// FuzzEncode checks that every record becomes one strict and complete frame: each
// attribute is stored under its name with its value, and a censored one nowhere.
func FuzzEncode(f *testing.F) {
	f.Add("Hello World!", "owner", "me", int64(3), 1.5, uint8(0), uint8(1), "n", "g", "password", int16(0))
	f.Add("", "", "\x00", int64(-1), math.NaN(), uint8(3), uint8(2), "source", "_", "", int16(-400))
	f.Add(" \xff\u2028", "_id", "\"\\", int64(math.MinInt64), math.Inf(1), uint8(5), uint8(6), "a.b", "", "",
		int16(12))
	f.Add("m", "level", strings.Repeat("世", 12000), int64(7), 3.5e38, uint8(3), uint8(0), "name", "level", "",
		int16(4))
	f.Add("m", "k", " ", int64(7), 3.4e38, uint8(0), uint8(3), "k", "g", "g", int16(2))
	f.Add("m", "k", "1", int64(7), 0.5, uint8(1), uint8(4), "k", "", "", int16(2))
	f.Fuzz(func(t *testing.T, msg, key1, text string, n int64, fl float64, kind1, kind2 uint8,
		key2, group, censorKey string, level int16) {
		const mark = "S3CRET#VALUE"
		if all := msg + key1 + text + key2 + group + censorKey; strings.Contains(all, "S3CRET") || len(all) > 1<<16 {
			return
		}
		v1, v2 := fuzzValue(kind1, text, n, fl), fuzzValue(kind2, text, n, fl)
		opts := Config{Level: slog.Level(math.MinInt16)}
		if censorKey != "" && censor.Required(censorKey) == "" && censorKey[0] != '=' &&
			!strings.Contains(censorKey, "*") {
			opts.Censor = []string{censorKey}
		}
		root, c := newCapture(t, opts)
		h := root.WithAttrs(attrs{{Key: key1, Value: v1}}).WithGroup(group).WithAttrs(attrs{{Key: key2, Value: v2}})
		r := slog.NewRecord(testTime, slog.Level(level), msg, 0)
		r.AddAttrs(slog.Attr{Key: key1, Value: v2}, slog.Attr{Key: key2, Value: v1})
		if opts.Censor != nil {
			r.AddAttrs(
				slog.String(censorKey, mark),
				slog.Group("deep", censorKey, mark),
				slog.Any("map", map[string]any{censorKey: mark}),
			)
		}
		frame := handle(t, h, c, r)
		m := decode(t, frame)
		if strings.Contains(string(frame), mark) {
			t.Fatalf("the censored value is in the frame: %s", frame)
		}
		if want := trim(msg); m.Message != want && !(m.Message == "-" && encode.IsBlank(msg)) {
			t.Errorf("the message is %q, want %q", m.Message, want)
		}
		if m.Source != "node-a" || m.Timestamp != testTime.Truncate(time.Millisecond) ||
			m.Level < 2 || m.Level > 7 || m.Fields["seq"] != int64(1) {
			t.Errorf("source %q, timestamp %v, level %d, seq %v", m.Source, m.Timestamp, m.Level, m.Fields["seq"])
		}
		if opts.Censor != nil {
			return
		}
		if !plain(text) { // covered by TestKinds
			return
		}
		want := model{make(stored), make(map[string]string)}
		var path []byte
		if group != "" {
			path = field.AppendGroup(nil, group)
		}
		in1, in2 := string(field.AppendName(nil, path, key1)), string(field.AppendName(nil, path, key2))
		outside := field.FieldName(key1)
		if collide(outside, key1, in1, path, key1) || collide(outside, key1, in2, path, key2) ||
			collide(in1, key1, in2, nil, key2) {
			return // covered by TestCollisions
		}
		want.put(field.FieldName(key1), v1)
		for _, a := range []slog.Attr{{Key: key2, Value: v2}, {Key: key1, Value: v2}, {Key: key2, Value: v1}} {
			want.put(string(field.AppendName(nil, path, a.Key)), a.Value)
		}
		if _, ok := want.stored["truncated"]; ok {
			return
		}
		got := fields(m)
		delete(got, "truncated")
		if diff := cmp.Diff(want.stored, got); diff != "" {
			t.Errorf("stored fields (-want +got):\n%s\n%.3000s", diff, frame)
		}
	})
}
