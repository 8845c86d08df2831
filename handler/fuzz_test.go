package handler

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
)

// trim is what Graylog does to each text.
func trim(s string) string {
	return strings.TrimFunc(eachInvalid(s), func(r rune) bool { return r <= ' ' })
}

// put adds to the fields what one attribute is stored as, by the contract.
func put(m stored, name string, v slog.Value) {
	delete(m, name)
	delete(m, gelf.FieldName(textKey(name)))
	switch v.Kind() {
	case slog.KindString:
		if s := trim(cutString(strings.TrimLeftFunc(v.String(), func(r rune) bool { return r <= ' ' }), gelf.MaxField)); s != "" {
			m[name] = s
		}
	case slog.KindInt64:
		m[name] = v.Int64()
	case slog.KindUint64:
		if u := v.Uint64(); u > math.MaxInt64 {
			m[gelf.FieldName(textKey(name))] = fmt.Sprint(u)
		} else {
			m[name] = int64(u)
		}
	case slog.KindFloat64:
		if f := v.Float64(); !(math.Abs(f) <= math.MaxFloat32) {
			m[gelf.FieldName(textKey(name))] = fmt.Sprint(f)
		} else {
			m[name] = f
		}
	case slog.KindBool:
		m[name] = fmt.Sprint(v.Bool())
	case slog.KindDuration:
		m[name] = v.Duration().Seconds()
	case slog.KindTime:
		m[name] = v.Time().Format(time.RFC3339Nano)
	default:
		panic(v.Kind())
	}
}

// fuzzValue makes one of several kinds of values of what the fuzzer gives.
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
		return slog.TimeValue(time.Unix(n>>24, n&(1<<24-1)).UTC())
	default:
		return slog.DurationValue(time.Duration(n) / 1000 * 1000)
	}
}

// FuzzEncode holds that whatever is logged becomes one frame, strict and
// complete: each attribute is stored under its name with its value, and a
// censored one nowhere.
func FuzzEncode(f *testing.F) {
	f.Add("Hello World!", "owner", "me", int64(3), 1.5, uint8(0), uint8(1), "n", "g", "password", int16(0))
	f.Add("", "", "\x00", int64(-1), math.NaN(), uint8(3), uint8(2), "source", "_", "", int16(-400))
	f.Add(" \xff\u2028", "_id", "\"\\", int64(math.MinInt64), math.Inf(1), uint8(5), uint8(6), "a.b", "", "", int16(12))
	f.Add("m", "level", strings.Repeat("世", 12000), int64(7), 3.5e38, uint8(3), uint8(0), "name", "level", "", int16(4))
	f.Add("m", "k", " ", int64(7), 3.4e38, uint8(0), uint8(3), "k", "g", "g", int16(2))
	f.Add("m", "k", "1", int64(7), 0.5, uint8(1), uint8(4), "k", "", "", int16(2))
	f.Fuzz(func(t *testing.T, msg, key1, text string, n int64, fl float64, kind1, kind2 uint8, key2, group, censorKey string, level int16) {
		const mark = "S3CRET#VALUE"
		if all := msg + key1 + text + key2 + group + censorKey; strings.Contains(all, "S3CRET") || len(all) > 1<<16 {
			return
		}
		v1, v2 := fuzzValue(kind1, text, n, fl), fuzzValue(kind2, text, n, fl)
		opts := Options{Level: slog.Level(math.MinInt16)}
		if censorKey != "" && !mustStay(censorKey) {
			opts.Censor = []string{censorKey}
		}
		root, c := newCapture(t, opts)
		h := root.WithAttrs(attrs{{Key: key1, Value: v1}}).WithGroup(group).WithAttrs(attrs{{Key: key2, Value: v2}})
		r := slog.NewRecord(testTime, slog.Level(level), msg, 0)
		r.AddAttrs(slog.Attr{Key: key1, Value: v2}, slog.Attr{Key: key2, Value: v1})
		if opts.Censor != nil {
			r.AddAttrs(slog.String(censorKey, mark), slog.Group("deep", censorKey, mark), slog.Any("map", map[string]any{censorKey: mark}))
		}
		frame := handle(t, h, c, r)
		m := decode(t, frame)
		if strings.Contains(string(frame), mark) {
			t.Fatalf("the censored value is in the frame: %s", frame)
		}
		if want := trim(msg); m.Message != want && !(m.Message == "-" && blankAnyway(msg)) {
			t.Errorf("the message is %q, not %q", m.Message, want)
		}
		if m.Source != "node-a" || m.Timestamp != testTime.Truncate(time.Millisecond) || m.Level < 2 || m.Level > 7 || m.Fields["seq"] != int64(1) {
			t.Errorf("source %q, timestamp %v, level %d, seq %v", m.Source, m.Timestamp, m.Level, m.Fields["seq"])
		}
		if opts.Censor != nil {
			return
		}
		want := make(stored)
		var path []byte
		put(want, gelf.FieldName(key1), v1)
		if group != "" {
			path = gelf.AppendGroup(nil, group)
		}
		for _, a := range []slog.Attr{{Key: key2, Value: v2}, {Key: key1, Value: v2}, {Key: key2, Value: v1}} {
			put(want, string(gelf.AppendName(nil, path, a.Key)), a.Value)
		}
		if _, ok := want["truncated"]; ok {
			return
		}
		got := fields(m)
		delete(got, "truncated")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stored fields (-want +got):\n%s\n%.3000s", diff, frame)
		}
	})
}
