package handler

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
)

// TestBuiltins checks how the message, the time and the level are stored, and what
// ReplaceAttr can change about them.
func TestBuiltins(t *testing.T) {
	replace := func(key string, to slog.Attr) Config {
		return Config{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == key {
				return to
			}
			return a
		}}
	}
	at := func(t time.Time) slog.Record { return slog.NewRecord(t, slog.LevelInfo, "m", 0) }
	level := func(l slog.Level) slog.Record { return slog.NewRecord(testTime, l, "m", 0) }
	long := strings.Repeat("界", gelf.MaxField)
	tests := []struct {
		name   string
		opts   Config
		record slog.Record
		want   string // message, event, timestamp, level, level_name, level_number
	}{
		{"a plain record", Config{}, record("m"), "m|m|2023-11-14T22:13:20.123Z|6|INFO|20"},
		{"a blank message", Config{}, record(" \n\x00"), "-|<nil>|2023-11-14T22:13:20.123Z|6|INFO|20"},
		{
			"a message of spaces that Java does not trim",
			Config{},
			record("\u3000\u2028"),
			"-|-|2023-11-14T22:13:20.123Z|6|INFO|20",
		},
		{
			"a message with invalid UTF-8",
			Config{},
			record("\xff\x00\""),
			"\uFFFD\x00\"|\uFFFD\x00\"|2023-11-14T22:13:20.123Z|6|INFO|20",
		},
		{
			"a long message",
			Config{},
			record(long),
			long + "|" + long[:gelf.MaxField] + "|2023-11-14T22:13:20.123Z|6|INFO|20",
		},
		{"the zero time", Config{}, at(time.Time{}), "m|m||6|INFO|20"},
		{"the year 1", Config{}, at(time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)), "m|m||6|INFO|20"},
		{"before 1970", Config{}, at(time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC)), "m|m||6|INFO|20"},
		{"the start of 1970", Config{}, at(time.Unix(0, 5)), "m|m||6|INFO|20"},
		{"a second later", Config{}, at(time.Unix(1, 999000)), "m|m|1970-01-01T00:00:01.001Z|6|INFO|20"},
		{
			"the year 9999",
			Config{},
			at(time.Date(9999, 12, 31, 23, 59, 58, 0, time.UTC)),
			"m|m|9999-12-31T23:59:58.000Z|6|INFO|20",
		},
		{
			"the last moment of the year 9999",
			Config{},
			at(time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)),
			"m|m||6|INFO|20",
		},
		{"the year 10000", Config{}, at(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), "m|m||6|INFO|20"},
		{"the last year", Config{}, at(time.Unix(math.MaxInt64, 0)), "m|m||6|INFO|20"},
		{"a level far below", Config{}, level(math.MinInt), "m|m|2023-11-14T22:13:20.123Z|7|DEBUG|0"},
		{"below debug", Config{}, level(-5), "m|m|2023-11-14T22:13:20.123Z|7|DEBUG|8"},
		{"debug", Config{}, level(slog.LevelDebug), "m|m|2023-11-14T22:13:20.123Z|7|DEBUG|10"},
		{"above debug", Config{}, level(-1), "m|m|2023-11-14T22:13:20.123Z|7|DEBUG|18"},
		{"above info", Config{}, level(1), "m|m|2023-11-14T22:13:20.123Z|6|INFO|22"},
		{"notice", Config{}, level(2), "m|m|2023-11-14T22:13:20.123Z|5|NOTICE|25"},
		{"warning", Config{}, level(slog.LevelWarn), "m|m|2023-11-14T22:13:20.123Z|4|WARNING|30"},
		{"error", Config{}, level(slog.LevelError), "m|m|2023-11-14T22:13:20.123Z|3|ERROR|40"},
		{"above error", Config{}, level(11), "m|m|2023-11-14T22:13:20.123Z|3|ERROR|47"},
		{"critical", Config{}, level(12), "m|m|2023-11-14T22:13:20.123Z|2|CRITICAL|50"},

		{
			"another message",
			replace(slog.MessageKey, slog.Int("x", 1)),
			record("m"),
			"1|1|2023-11-14T22:13:20.123Z|6|INFO|20",
		},
		{
			"no message",
			replace(slog.MessageKey, slog.Attr{}),
			record("m"),
			"-|<nil>|2023-11-14T22:13:20.123Z|6|INFO|20",
		},
		{
			"another time",
			replace(slog.TimeKey, slog.Time("x", time.Unix(1, 0))),
			record("m"),
			"m|m|1970-01-01T00:00:01.000Z|6|INFO|20",
		},
		{"the time removed", replace(slog.TimeKey, slog.Attr{}), record("m"), "m|m||6|INFO|20"},
		{
			"a string as the time",
			replace(slog.TimeKey, slog.String("x", "noon")),
			record("m"),
			"m|m|2023-11-14T22:13:20.123Z|6|INFO|20",
		},
		{
			"another level",
			replace(slog.LevelKey, slog.Any("x", slog.LevelError)),
			record("m"),
			"m|m|2023-11-14T22:13:20.123Z|3|ERROR|40",
		},
		{
			"a name for the level",
			replace(slog.LevelKey, slog.String("x", "TRACE")),
			record("m"),
			"m|m|2023-11-14T22:13:20.123Z|6|TRACE|20",
		},
		{
			"a blank name for the level",
			replace(slog.LevelKey, slog.String("x", " ")),
			record("m"),
			"m|m|2023-11-14T22:13:20.123Z|6|INFO|20",
		},
		{
			"the level removed",
			replace(slog.LevelKey, slog.Attr{}),
			record("m"),
			"m|m|2023-11-14T22:13:20.123Z|6|INFO|20",
		},
		{
			"a LogValuer as the level",
			replace(
				slog.LevelKey,
				slog.Any("x", logValuer(func() slog.Value { return slog.AnyValue(slog.LevelWarn) })),
			),
			record("m"),
			"m|m|2023-11-14T22:13:20.123Z|4|WARNING|30",
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			tc.opts.Level = slog.Level(math.MinInt)
			h, c := newCapture(t, tc.opts)
			m := decode(t, handle(t, h, c, tc.record))
			f := m.Fields
			got := fmt.Sprintf("%s|%v|%s|%d|%v|%v",
				m.Message, f["event"], m.Text("timestamp"), m.Level, f["level_name"], f["level_number"])
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("message|event|timestamp|level|level_name|level_number (-want +got):\n%s", diff)
			}
			if seq := m.Fields["seq"]; seq != int64(1) {
				t.Errorf("seq is %v", seq)
			}
		})
	}
}

// TestSource checks the fields that AddSource adds.
func TestSource(t *testing.T) {
	pc, file, line, _ := runtime.Caller(0)
	here := stored{
		"file":     file,
		"line":     int64(line),
		"function": "github.com/aimakerspace/synlogger/handler.TestSource",
	}
	replaced := func(to slog.Attr) Config {
		return Config{AddSource: true, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.SourceKey {
				return to
			}
			return a
		}}
	}
	tests := []struct {
		name string
		opts Config
		pc   uintptr
		want stored
	}{
		{"on", Config{AddSource: true}, pc, here},
		{"with a filter", Config{AddSource: true, Filters: []Filter{passAll}}, pc, here},
		{"off", Config{}, pc, stored{}},
		{"no program counter", Config{AddSource: true}, 0, stored{}},
		{"removed", replaced(slog.Attr{}), pc, stored{}},
		{"replaced", replaced(slog.Any("", &slog.Source{File: "x.go"})), pc, stored{"file": "x.go", "line": int64(0)}},
		{"a string", replaced(slog.String("", "x.go:1")), pc, stored{"file": "x.go:1"}},
		{"a nil source", replaced(slog.Any("", (*slog.Source)(nil))), pc, stored{}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			root, c := newCapture(t, tc.opts)
			h := root.WithGroup("g") // the source is outside the group
			got := fields(decode(t, handle(t, h, c, slog.NewRecord(testTime, slog.LevelInfo, "m", tc.pc))))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("stored fields (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSeq checks that a handler and the handlers made from it number their records
// together, in order.
func TestSeq(t *testing.T) {
	root, c := newCapture(t, Config{})
	a, b := root.WithAttrs(attrs{slog.Int("a", 1)}), root.WithGroup("b")
	for i, h := range []slog.Handler{root, a, b, a, root} {
		if got := decode(t, handle(t, h, c, record("m"))).Fields["seq"]; got != int64(i+1) {
			t.Errorf("record %d has seq %v", i+1, got)
		}
	}
}

// TestEnabled checks that the level is read for each record.
func TestEnabled(t *testing.T) {
	var level slog.LevelVar
	h, _ := newCapture(t, Config{Level: &level})
	ctx := context.Background()
	for _, set := range []slog.Level{slog.LevelInfo, slog.LevelDebug, slog.LevelError} {
		level.Set(set)
		if !h.Enabled(ctx, set) || h.Enabled(ctx, set-1) {
			t.Errorf("with level %v: Enabled(%v) = %v, Enabled(%v) = %v",
				set, set, h.Enabled(ctx, set), set-1, h.Enabled(ctx, set-1))
		}
	}
	if h, _ := newCapture(t, Config{}); !h.Enabled(ctx, slog.LevelInfo) || h.Enabled(ctx, slog.LevelInfo-1) {
		t.Error("the level does not default to Info")
	}
}
