package role

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/handler"
)

// A sample is a call of the original Python package and the frames that it sent.
type sample struct {
	Case   string
	Class  string // "TTPLogger"
	Call   string
	Filter string
	Censor []string
	Frames []string
}

func samples(t *testing.T) (all []sample) {
	f, err := os.Open("testdata/original.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := lines.Err(); err != nil || len(all) < 50 {
		t.Fatalf("%d samples, %v", len(all), err)
	}
	return all
}

// translated contains the calls of the samples in Go.
var translated = map[string]func(*slog.Logger){
	`debug("Hello %s!", "World", password="hunter2", owner="me", n=3)`:    hello(slog.LevelDebug),
	`info("Hello %s!", "World", password="hunter2", owner="me", n=3)`:     hello(slog.LevelInfo),
	`warning("Hello %s!", "World", password="hunter2", owner="me", n=3)`:  hello(slog.LevelWarn),
	`error("Hello %s!", "World", password="hunter2", owner="me", n=3)`:    hello(slog.LevelError),
	`critical("Hello %s!", "World", password="hunter2", owner="me", n=3)`: hello(LevelCritical),
	`exception("Hello %s!", "World", password="hunter2", owner="me", n=3)`: hello(
		slog.LevelError,
		"exception",
		handler.WithStack(errors.New("boom")),
	),

	`info('msg', v='h\xe9llo \u4e16\u754c \U0001f680')`: v("héllo 世界 🚀"),
	`info('msg', v=True)`:                               v(true),
	`info('msg', v=None)`:                               v(nil),
	`info('msg', v=2.0)`:                                v(2.0),
	`info('msg', v=nan)`:                                v(math.NaN()),
	`info('msg', v={'a': {'b': [1, {'c': None}]}})`: v(map[string]any{
		"a": map[string]any{"b": []any{1, map[string]any{"c": nil}}},
	}),
	`info('msg', v=[1, 'a', None, True, 2.5])`: v([]any{1, "a", nil, true, 2.5}),
	`info('msg', v=b'\xff\xfe')`:               v([]byte("\xff\xfe")),
	`info('msg', v=datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc))`: v(
		time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)),
	`info('msg', v=ValueError('boom'))`:     v(errors.New("boom")),
	`info('msg', v=1180591620717411303424)`: v(new(big.Int).Lsh(big.NewInt(1), 70)),
	`info('msg', **{'id': 'USER'})`:         info("msg", "id", "USER"),
	`info('msg', **{'source': 'USER'})`:     info("msg", "source", "USER"),
	`info('msg', **{'a b': 'USER'})`:        info("msg", "a b", "USER"),
	`info('msg', **{'a.b': 'USER'})`:        info("msg", "a.b", "USER"),
	`info('msg', **{'file_path': 'USER'})`:  info("msg", "file_path", "USER"),
	`bind(a=1,b=2).unbind('a').bind(c=3).info('m')`: func(l *slog.Logger) { // slog does not have unbind
		l.With("b", 2).With("c", 3).Info("m")
	},
	`bind(a=1).info('m', a=2)`:  func(l *slog.Logger) { l.With("a", 1).Info("m", "a", 2) },
	`info('m', cfg={'pw':'p'})`: info("m", "cfg", map[string]any{"pw": "p"}),
	`info('m', pw=0)`:           info("m", "pw", 0),
	`info('a\x00b')`:            info("a\x00b"),
	`info('')`:                  info(""),
	`info('m', password='p')`:   info("m", "password", "p"),
	`info('m', a=1)`:            info("m", "a", 1),
}

func hello(level slog.Level, more ...any) func(*slog.Logger) {
	return func(l *slog.Logger) {
		args := append([]any{"password", "hunter2", "owner", "me", "n", 3}, more...)
		l.Log(context.Background(), level, "Hello World!", args...)
	}
}

func info(msg string, args ...any) func(*slog.Logger) {
	return func(l *slog.Logger) { l.Info(msg, args...) }
}

func v(value any) func(*slog.Logger) { return info("msg", "v", value) }

// originalFilters are the filters of the samples.
var originalFilters = map[string][]Filter{
	"none": nil,
	"add":  {AddAttrs(slog.Bool("is_valid", true))},
	"drop": {Drop(func(slog.Record) bool { return true })},
	"alter": {
		AddAttrs(slog.String("password", "set-by-filter")),
		func(_ context.Context, r slog.Record) (slog.Record, bool) {
			r.Message = "ALTERED " + r.Message
			return r, true
		},
	},
	"order": {order("a"), order("b")},
}

func order(name string) Filter {
	return func(ctx context.Context, r slog.Record) (slog.Record, bool) {
		before := ""
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "order" {
				before = a.Value.String()
			}
			return true
		})
		return AddAttrs(slog.String("order", before+name))(ctx, r)
	}
}

// A difference is a field that Graylog stores differently than from the original, nil
// if the field is missing, and the rule of the contract that requires the difference.
type difference struct {
	cases  string // beginning of the names of the samples, or of the call
	field  string
	theirs any
	ours   any
	rule   string
}

const stack = "STACK"

var differences = []difference{
	{
		"exception(",
		"exception",
		"Traceback (most recent call last):\n  File \"train.py\", line 35, in fn\n    raise ValueError(\"boom\")\n" +
			"ValueError: boom",
		"boom",
		"§2: a stack trace is stored in full_message",
	},
	{"exception(", "full_message", nil, stack, "§2: a stack trace is stored in full_message"},
	{"core_227", "is_valid", nil, "true", "§4: Graylog drops booleans, text is sent"},
	{"core_291", "is_valid", nil, "true", "§4: Graylog drops booleans, text is sent"},
	{"value_bool_true", "v", nil, "true", "§4: Graylog drops booleans, text is sent"},
	{"value_datetime_utc", "v", "2020-01-02T03:04:05+00:00", "2020-01-02T03:04:05Z", "§4: times are RFC 3339 text"},
	{"value_exception", "v", "ValueError('boom')", "boom", "§4: errors are their text"},
	{"value_int_big", "v", int64(0), nil, "§4: numbers beyond an int64 are left out"},
	{"value_int_big", "v_text", nil, "1180591620717411303424", "§4: numbers beyond an int64 are text"},
	{"value_bytes_invalid", "v", "\uFFFD\uFFFD", "//4=", "bytes that are not UTF-8 are base64: U+FFFD loses them"},
	{"key_id", "id_", nil, "USER", "§4: a forbidden key gets a trailing underscore"},
	{"key_source", "source_", nil, "USER", "§4: a key that is taken gets a trailing underscore"},
	{"key_ax20b", "a_b", nil, "USER", "§4: keys are cleaned"},
	{"key_file_path", "file_path", nil, "USER", "§2: the file_path of the call wins"},
	{"censor_nested_dict", "cfg", `{"pw":"p"}`, `{"pw":"*CENSORED*"}`, "§5: censoring covers maps inside a value"},
	{"censor_value_zero", "pw", int64(0), "*CENSORED*", "§5: censoring covers falsy values"},
	{"event_empty", "message", "", "-", "§2: a blank message is -"},
}

// lost lists the samples whose frames from the original Graylog rejects, with the
// reason, and the stored fields of the frames from Go.
var lost = map[string]struct {
	reason string
	ours   map[string]any
}{
	"value_float_nan": { // §4: NaN loses the whole message
		"unexpected 'N', want a value",
		map[string]any{"v_text": "NaN"},
	},
}

// TestOriginal checks that Graylog stores the same fields for a call in Go as for the
// same call of the original, except for the differences above. So one search finds
// both.
func TestOriginal(t *testing.T) {
	used := make(map[string]bool)
	for _, s := range samples(t) {
		t.Run(s.Case, func(t *testing.T) {
			call, ok := translated[s.Call]
			if !ok {
				t.Fatalf("no Go for %s", s.Call)
			}
			r, err := Lookup(strings.TrimSuffix(s.Class, "Logger"))
			if err != nil {
				t.Fatal(err)
			}
			h, err := New(r, Config{
				Name:    "unit",
				Host:    "node-a",
				Level:   slog.LevelDebug,
				Variant: VariantTest,
				Censor:  s.Censor,
				Filters: originalFilters[s.Filter],
			})
			if err != nil {
				t.Fatal(err)
			}
			call(slog.New(h))
			ours := h.Records()
			if len(ours) != len(s.Frames) {
				t.Fatalf("%d records, but the original sent %d", len(ours), len(s.Frames))
			}
			for i, frame := range s.Frames {
				got := storedOf(ours[i])
				theirs, _, err := gelf.Decode([]byte(frame))
				if l, ok := lost[s.Case]; ok {
					if err == nil || !strings.Contains(err.Error(), l.reason) {
						t.Errorf("decoding the frame of the original: %v, want %q", err, l.reason)
					}
					for name, value := range l.ours {
						if got[name] != value {
							t.Errorf("%s is %v, want %v", name, got[name], value)
						}
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				want := originalOf(theirs, r)
				for _, d := range differences {
					if !strings.HasPrefix(s.Case, d.cases) && !strings.HasPrefix(s.Call, d.cases) {
						continue
					}
					used[d.cases+d.field] = true
					if want[d.field] != d.theirs {
						t.Errorf("%s (%s): the original has %v, the table %v", d.field, d.rule, want[d.field], d.theirs)
					}
					delete(want, d.field)
					if d.ours != nil {
						want[d.field] = d.ours
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("stored fields (-original +ours):\n%s", diff)
				}
			}
		})
	}
	for _, d := range differences {
		if !used[d.cases+d.field] {
			t.Errorf("no sample has the difference %v", d)
		}
	}
}

// storedOf returns the stored fields of a record except for its time.
func storedOf(m gelf.Message) map[string]any {
	fields := maps.Clone(m.Fields)
	fields["message"], fields["source"], fields["level"] = m.Message, m.Source, m.Level
	if strings.HasPrefix(m.FullMessage, "boom\ngithub.com/") {
		fields["full_message"] = stack
	} else if m.FullMessage != "" {
		fields["full_message"] = m.FullMessage
	}
	delete(fields, "seq") // §2: the original does not send it
	return fields
}

// originalOf is storedOf for a record of the original. It removes the prefix of the
// message (§2: an accident) and the hardware fields of the metrics, which package role
// does not add.
func originalOf(m gelf.Message, r Role) map[string]any {
	fields := storedOf(m)
	fields["message"] = strings.TrimSpace(strings.TrimPrefix(m.Message, "["+r.Prefix+"unit]"))
	for name := range fields {
		for _, hardware := range []string{"cpu_", "memory_", "disk_", "net_"} {
			if strings.HasPrefix(name, hardware) {
				delete(fields, name)
			}
		}
	}
	return fields
}
