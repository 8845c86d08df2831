package handler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/internal/field"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
)

// TestKeys tells under which name an attribute is stored.
func TestKeys(t *testing.T) {
	name := func(key, want string) storedTest {
		return storedTest{name: fmt.Sprintf("%.20q", key), attrs: attrs{slog.Int(key, 1)}, want: stored{want: int64(1)}}
	}
	runStored(t, []storedTest{
		name("a", "a"), name("A-b_c@9", "A-b_c@9"),
		name(
			"a.b",
			"a_b",
		), name(
			"a b",
			"a_b",
		), name(
			"schlüssel",
			"schl_ssel",
		), name(
			"世界",
			"___d651ff",
		), name("имя", "____bbff12"), name("имя1", "___1"), name("a\xff\"b", "a__b"), name("a\x00", "a_"),
		name("", "_"), name("_", "_"), name("_a", "a"), name("__a", "_a"),
		name(
			"source",
			"source_",
		), name(
			"message",
			"message_",
		), name("timestamp", "timestamp_"), name("level", "level_"), name("streams", "streams_"),
		name(
			"host",
			"host_",
		), name(
			"short_message",
			"short_message_",
		), name(
			"full_message",
			"full_message_",
		), name("version", "version_"), name("facility", "facility_"), name("id", "id_"),
		name(
			"logger",
			"logger_",
		), name(
			"event",
			"event_",
		), name("level_name", "level_name_"), name("level_number", "level_number_"), name("seq", "seq_"),
		name("_source", "source_"), name("__source", "_source_"), name("__id", "_id_"), name("gl2_x", "gl2_x_"),
		name(
			"line",
			"line",
		), name(
			"file",
			"file",
		), name("type", "type"), name("index", "index"), name("ttl", "ttl"), name("file_path", "file_path"),
		name(strings.Repeat("k", 100_000), strings.Repeat("k", field.MaxName-1-len("_f3f629"))+"_f3f629"),
		{
			name:  "of groups",
			attrs: attrs{slog.Group("a", "b", 1, slog.Group("c.d", "e", 2))},
			want:  stored{"a_b": int64(1), "a_c_d_e": int64(2)},
		},
		{
			name:  "a group that makes a reserved name",
			attrs: attrs{slog.Group("level", "name", 1), slog.Group("gl2", "x", 2), slog.Group("_", "id", 3)},
			want:  stored{"level_name_": int64(1), "gl2_x_": int64(2), "_id_": int64(3)},
		},
		{
			name:  "reserved names in a group are none",
			attrs: attrs{slog.Group("a", "id", 1, "level", 2)},
			want:  stored{"a_id": int64(1), "a_level": int64(2)},
		},
		{
			name:  "groups without a key, or empty",
			attrs: attrs{slog.Group("", "a", 1), slog.Group("b"), slog.Group("c", slog.Group("d")), {}},
			want:  stored{"a": int64(1)},
		},
		{name: "open groups", with: func(h slog.Handler) slog.Handler {
			return h.WithAttrs(attrs{
				slog.Int("a", 1),
			}).WithGroup("").WithGroup("g").WithAttrs(attrs{slog.Int("b", 2)}).WithAttrs(nil).WithGroup("h")
		}, attrs: attrs{slog.Int("c", 3)}, want: stored{"a": int64(1), "g_b": int64(2), "g_h_c": int64(3)}},
		{
			name: "an open group of nothing",
			with: func(h slog.Handler) slog.Handler { return h.WithGroup("g") },
			want: stored{},
		},
		{
			name:  "text of a number without a place under a long key",
			attrs: attrs{slog.Float64(strings.Repeat("k", 600), math.NaN())},
			want:  stored{field.CutName(field.FieldName(strings.Repeat("k", 600)), "_text"): "NaN"},
		},
		{
			name:  "text of a number without a place under an underscore",
			attrs: attrs{slog.Float64("__k", math.NaN())},
			want:  stored{"_k_text": "NaN"},
		},
	})
}

// TestIndexNames holds that no attribute is sent under a name that the index
// keeps for itself: it would refuse the message.
func TestIndexNames(t *testing.T) {
	for _, name := range []string{
		"_data_stream_timestamp",
		"_doc_count",
		"_field_names",
		"_id",
		"_ignored",
		"_index",
		"_nested_path",
		"_primary_term",
		"_routing",
		"_seq_no",
		"_source",
		"_version",
	} {
		runStored(t, []storedTest{
			{name: "_" + name, attrs: attrs{slog.String("_"+name, "x")}, want: stored{name + "_": "x"}},
			{name: "_." + name, attrs: attrs{slog.Group("_", name[1:], "x")}, want: stored{name + "_": "x"}},
		})
	}
}

// TestDuplicates holds that of two attributes with one name the later is
// stored, whatever it is: the call's over the bound one's.
func TestDuplicates(t *testing.T) {
	one := int64(1)
	runStored(t, []storedTest{
		{name: "bound", with: with(slog.Int("a", 2)), attrs: attrs{slog.Int("a", 1)}, want: stored{"a": one}},
		{
			name:  "in one call",
			attrs: attrs{slog.Int("a", 2), slog.Int("b", 3), slog.Int("a", 1)},
			want:  stored{"a": one, "b": int64(3)},
		},
		{
			name:  "of other kinds",
			with:  with(slog.Any("a", []any{`,"_a":1`, "}]"}), slog.String("b", `,"_a":"`), slog.Float64("c", 1)),
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"a": "1", "b": `,"_a":"`, "c": 1.0},
		},
		{name: "thrice", with: func(h slog.Handler) slog.Handler {
			return h.WithAttrs(attrs{slog.Int("a", 3)}).WithAttrs(attrs{slog.Int("a", 2), slog.Int("ab", 2)})
		}, attrs: attrs{slog.Int("a", 1)}, want: stored{"a": one, "ab": int64(2)}},
		{name: "a blank one", with: with(slog.Int("a", 2)), attrs: attrs{slog.String("a", " ")}, want: stored{}},
		{name: "a nil one", with: with(slog.Int("a", 2)), attrs: attrs{slog.Any("a", nil)}, want: stored{}},
		{
			name:  "in an open group",
			with:  func(h slog.Handler) slog.Handler { return h.WithGroup("g").WithAttrs(attrs{slog.Int("a", 2)}) },
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"g_a": one},
		},
		{
			name:  "a number without a place over another",
			with:  with(slog.Float64("a", 2)),
			attrs: attrs{slog.Float64("a", math.NaN())},
			want:  stored{"a_text": "NaN"},
		},
		{
			name:  "a long blank one over a long one",
			with:  with(slog.String("a", strings.Repeat("x", gelf.MaxField+1))),
			attrs: attrs{slog.String("a", strings.Repeat(" ", gelf.MaxField+1))},
			want:  stored{},
		},
		{
			name:  "another over a number without a place",
			with:  with(slog.Float64("a", math.NaN())),
			attrs: attrs{slog.Float64("a", 1)},
			want:  stored{"a": 1.0},
		},
		{
			name:  "nothing over a number without a place",
			with:  with(slog.Float64("a", math.NaN()), slog.Int("b", 1)),
			attrs: attrs{slog.Any("a", nil)},
			want:  stored{"b": one},
		},
		{
			name:  "file_path over the configured one",
			opts:  Config{Fields: attrs{slog.String("file_path", "/srv/run")}},
			attrs: attrs{slog.String("file_path", "/srv/other")},
			want:  stored{"file_path": "/srv/other"},
		},
		{
			name: "the configured file_path",
			opts: Config{Fields: attrs{slog.String("file_path", "/srv/run")}},
			want: stored{"file_path": "/srv/run"},
		},
		{name: "truncated, where nothing is", attrs: attrs{slog.Int("truncated", 1)}, want: stored{"truncated": one}},
		{
			name:  "truncated, where something is",
			attrs: attrs{slog.Int("truncated", 1), slog.String("a", strings.Repeat("x", gelf.MaxField+1))},
			want:  stored{"a": strings.Repeat("x", gelf.MaxField), "truncated": "a"},
		},
		{
			name:  "short over long",
			with:  with(slog.String("a", strings.Repeat("x", gelf.MaxField+1))),
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"a": "1"},
		},
		{
			name:  "an error over an error with a stack",
			with:  with(slog.Any("err", detailed{"first"})),
			attrs: attrs{slog.Any("err", io.EOF)},
			want:  stored{"err": "EOF"},
		},
	})
}

// detailed is an error that says more for %+v.
type detailed struct{ text string }

func (e detailed) Error() string { return e.text }

func (e detailed) Format(s fmt.State, verb rune) {
	io.WriteString(s, e.text)
	if verb == 'v' && s.Flag('+') {
		io.WriteString(s, "\nin detail")
	}
}

// TestFullMessage tells which errors have something to say in full_message.
func TestFullMessage(t *testing.T) {
	runStored(t, []storedTest{
		{
			name:  "an error with a detail",
			attrs: attrs{slog.Any("err", detailed{"boom"})},
			want:  stored{"err": "boom", "full_message": "boom\nin detail"},
		},
		{name: "wrapped", attrs: attrs{slog.Any("err", fmt.Errorf("round 3: %w", detailed{"boom"}))},
			want: stored{"err": "round 3: boom", "full_message": "round 3: boom\nboom\nin detail"}},
		{name: "two", attrs: attrs{slog.Any("a", detailed{"x"}), slog.Any("b", detailed{"y"})},
			want: stored{"a": "x", "b": "y", "full_message": "a: x\nin detail\n\nb: y\nin detail"}},
		{
			name:  "a bound one and the call's",
			with:  with(slog.Any("a", detailed{"x"})),
			attrs: attrs{slog.Any("b", detailed{"y"})},
			want:  stored{"a": "x", "b": "y", "full_message": "a: x\nin detail\n\nb: y\nin detail"},
		},
		{
			name:  "joined",
			attrs: attrs{slog.Any("err", errors.Join(detailed{"x"}, io.EOF, fmt.Errorf("round 3: %w", detailed{"y"})))},
			want: stored{
				"err":          "x\nEOF\nround 3: y",
				"full_message": "x\nEOF\nround 3: y\nx\nin detail\n\ny\nin detail",
			},
		},
		{name: "a plain error", attrs: attrs{slog.Any("err", errors.New("boom"))}, want: stored{"err": "boom"}},
		{
			name:  "a censored error",
			opts:  Config{Censor: []string{"err"}},
			attrs: attrs{slog.Any("err", detailed{"hunter2"})},
			want:  stored{"err": censored},
		},
		{
			name:  "in a censored group",
			opts:  Config{Censor: []string{"g"}},
			attrs: attrs{slog.Group("g", slog.Any("err", detailed{"hunter2"}))},
			want:  stored{"g": censored},
		},
		{
			name:  "censored by its name in Graylog",
			opts:  Config{Censor: []string{"g_err"}},
			attrs: attrs{slog.Group("g", slog.Any("err", detailed{"hunter2"}))},
			want:  stored{"g_err": censored},
		},
	})
	h, c := newCapture(t, Config{})
	msg := decode(t, handle(t, h, c, record("m", slog.Any("err", WithStack(WithStack(errors.New("boom")))))))
	if lines := strings.Split(
		msg.FullMessage,
		"\n",
	); len(lines) < 3 || lines[0] != "boom" || !strings.HasSuffix(
		lines[1],
		".TestFullMessage",
	) || !strings.Contains(lines[2], "encode_test.go:") {
		t.Errorf("the stack does not begin in this test:\n%s", msg.FullMessage)
	}
	if WithStack(nil) != nil {
		t.Error("WithStack(nil) is an error")
	}
	if got := fmt.Sprintf("%v %s %q", WithStack(io.EOF), WithStack(io.EOF), WithStack(io.EOF)); got != `EOF EOF "EOF"` {
		t.Errorf("an error with a stack reads %s", got)
	}
	if !errors.Is(WithStack(io.EOF), io.EOF) {
		t.Error("an error with a stack is not the error")
	}
}

// TestBuiltins tells what becomes of the message, the time and the level.
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
		{"as they are", Config{}, record("m"), "m|m|2023-11-14T22:13:20.123Z|6|INFO|20"},
		{"a blank message", Config{}, record(" \n\x00"), "-|<nil>|2023-11-14T22:13:20.123Z|6|INFO|20"},
		{
			"a message of spaces that Java does not trim",
			Config{},
			record("\u3000\u2028"),
			"-|-|2023-11-14T22:13:20.123Z|6|INFO|20",
		},
		{
			"a message that is no UTF-8",
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
		{"no time", Config{}, at(time.Time{}), "m|m||6|INFO|20"},
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
		{"the time taken out", replace(slog.TimeKey, slog.Attr{}), record("m"), "m|m||6|INFO|20"},
		{
			"a text for the time",
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
			"the level taken out",
			replace(slog.LevelKey, slog.Attr{}),
			record("m"),
			"m|m|2023-11-14T22:13:20.123Z|6|INFO|20",
		},
		{
			"a LogValuer for the level",
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
			got := fmt.Sprintf(
				"%s|%v|%s|%d|%v|%v",
				m.Message,
				m.Fields["event"],
				m.Text("timestamp"),
				m.Level,
				m.Fields["level_name"],
				m.Fields["level_number"],
			)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("message|event|timestamp|level|level_name|level_number (-want +got):\n%s", diff)
			}
			if seq := m.Fields["seq"]; seq != int64(1) {
				t.Errorf("seq is %v", seq)
			}
		})
	}
}

// TestTimestampDigits holds that the six decimals are those of the time, with
// no float in between.
func TestTimestampDigits(t *testing.T) {
	h, c := newCapture(t, Config{})
	for want, at := range map[string]time.Time{
		"1700000000.123456":   testTime,
		"1700000000.000001":   time.Unix(1700000000, 1999),
		"253402300798.999999": time.Unix(253402300798, 999999999),
	} {
		frame := handle(t, h, c, slog.NewRecord(at, slog.LevelInfo, "m", 0))
		if !strings.Contains(string(frame), `"timestamp":`+want+`,`) {
			t.Errorf("not %s: %s", want, frame)
		}
	}
}

// TestSource tells what AddSource and AddProcess add.
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
		{"a filter between", Config{AddSource: true, Filters: []Filter{passAll}}, pc, here},
		{"off", Config{}, pc, stored{}},
		{"nobody knows where", Config{AddSource: true}, 0, stored{}},
		{"taken out", replaced(slog.Attr{}), pc, stored{}},
		{"another", replaced(slog.Any("", &slog.Source{File: "x.go"})), pc, stored{"file": "x.go", "line": int64(0)}},
		{"a text", replaced(slog.String("", "x.go:1")), pc, stored{"file": "x.go:1"}},
		{"a nil source", replaced(slog.Any("", (*slog.Source)(nil))), pc, stored{}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			root, c := newCapture(t, tc.opts)
			h := root.WithGroup("g") // the source stands outside of it
			got := fields(decode(t, handle(t, h, c, slog.NewRecord(testTime, slog.LevelInfo, "m", tc.pc))))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("stored fields (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSeq holds that a handler and its clones count together, in the order of
// their records.
func TestSeq(t *testing.T) {
	root, c := newCapture(t, Config{})
	a, b := root.WithAttrs(attrs{slog.Int("a", 1)}), root.WithGroup("b")
	for i, h := range []slog.Handler{root, a, b, a, root} {
		if got := decode(t, handle(t, h, c, record("m"))).Fields["seq"]; got != int64(i+1) {
			t.Errorf("record %d has the number %v", i+1, got)
		}
	}
}

// TestClones holds that handlers made from one do not share what can be
// appended to.
func TestClones(t *testing.T) {
	for _, opts := range []Config{{}, {Filters: []Filter{passAll}}} {
		root, c := newCapture(t, opts)
		var h slog.Handler = root
		for i := range 7 { // whatever room append leaves
			h = h.WithAttrs(attrs{slog.Int(fmt.Sprint("b", i), i)}).WithGroup("g")
		}
		left, right := h.WithAttrs(attrs{slog.Int("x", 1)}), h.WithAttrs(attrs{slog.Int("x", 2)})
		leftGroup, rightGroup := h.WithGroup("left"), h.WithGroup("right")
		const path = "g_g_g_g_g_g_g_"
		for _, tc := range []struct {
			h    slog.Handler
			name string
			want int64
		}{{left, "x", 1}, {right, "x", 2}, {leftGroup, "left_y", 3}, {rightGroup, "right_y", 3}} {
			got := fields(decode(t, handle(t, tc.h, c, record("m", slog.Int("y", 3)))))
			if got[path+tc.name] != tc.want {
				t.Errorf("%s is %v, not %d: %v", tc.name, got[path+tc.name], tc.want, got)
			}
		}
		if got := fields(decode(t, handle(t, root, c, record("m")))); len(got) != 0 {
			t.Errorf("the first handler has fields of its clones: %v", got)
		}
	}
}

// TestEnabled holds that the level is asked for each record.
func TestEnabled(t *testing.T) {
	var level slog.LevelVar
	h, _ := newCapture(t, Config{Level: &level})
	ctx := context.Background()
	for _, set := range []slog.Level{slog.LevelInfo, slog.LevelDebug, slog.LevelError} {
		level.Set(set)
		if !h.Enabled(ctx, set) || h.Enabled(ctx, set-1) {
			t.Errorf(
				"with level %v, %v is %v and %v is %v",
				set,
				set,
				h.Enabled(ctx, set),
				set-1,
				h.Enabled(ctx, set-1),
			)
		}
	}
	if h, _ := newCapture(t, Config{}); !h.Enabled(ctx, slog.LevelInfo) || h.Enabled(ctx, slog.LevelInfo-1) {
		t.Error("the level does not default to Info")
	}
}

// TestManyDuplicates holds the rules of TestDuplicates for hundreds of names.
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
	runStored(t, []storedTest{{name: "many", with: with(bound...), attrs: call, want: want}})
}
