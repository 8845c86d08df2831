package encode

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
)

// TestLongFrames checks that a record of any size is sent as one frame that Graylog
// accepts, and that the longest texts are cut first and to the same length.
func TestLongFrames(t *testing.T) {
	many := func(n int, make func(i int) slog.Attr) (a attrs) {
		for i := range n {
			a = append(a, make(i))
		}
		return a
	}
	long := strings.Repeat("x", gelf.MaxField)
	tests := []struct {
		name  string
		msg   string
		attrs attrs
		kept  stored   // fields that must not be cut
		cut   []string // names that truncated must list
	}{
		{
			"a long message",
			strings.Repeat("m", 3<<20),
			attrs{slog.Int("n", 1), slog.String("short", "s")},
			stored{"n": int64(1), "short": "s"},
			[]string{"message", "event"},
		},
		{
			"a long message of escapes",
			strings.Repeat("\"\\\x00", 1<<20),
			attrs{slog.Int("n", 1)},
			stored{"n": int64(1)},
			[]string{"message"},
		},
		{
			"a long stack",
			"m",
			attrs{slog.Any("err", detailed{strings.Repeat("世", 1<<20)}), slog.Int("n", 1)},
			stored{"n": int64(1)},
			[]string{"full_message", "err"},
		},
		{
			"many texts",
			"m",
			many(100, func(i int) slog.Attr { return slog.String(fmt.Sprint("k", i), long) }),
			nil,
			[]string{"k0", "k99"},
		},
		{
			"many texts and short ones",
			"m",
			append(
				many(100, func(i int) slog.Attr { return slog.String(fmt.Sprint("k", i), long) }),
				slog.String("short", "s"),
				slog.Float64("n", 2),
			),
			stored{"short": "s", "n": 2.0},
			[]string{"k0", "k99"},
		},
		{
			"200,000 attributes",
			"m",
			many(200_000, func(i int) slog.Attr { return slog.Int(fmt.Sprint("k", i), i) }),
			stored{"k0": int64(0), "k1": int64(1)},
			nil,
		},
		{
			"200,000 short texts",
			strings.Repeat("m", 100_000),
			many(200_000, func(i int) slog.Attr { return slog.String(fmt.Sprint("k", i), "text") }),
			stored{},
			nil,
		},
		{
			"100,000 bound attributes of one name",
			"m",
			many(100_000, func(i int) slog.Attr { return slog.Int("k", i) }),
			stored{"k": int64(99_999)},
			nil,
		},
		{
			"huge keys",
			"m",
			many(5000, func(i int) slog.Attr { return slog.Int(fmt.Sprint(i, strings.Repeat("k", 10_000)), i) }),
			nil,
			nil,
		},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			frame := encodeRecord(newFormat(t, Config{}), record(tc.msg, tc.attrs...))
			msg := decode(t, frame)
			got := fields(msg)
			for name, want := range tc.kept {
				if got[name] != want {
					t.Errorf("%s is %.40v, want %v", name, got[name], want)
				}
			}
			truncated, _ := got["truncated"].(string)
			names := strings.Split(truncated, ", ")
			for _, name := range tc.cut {
				if !slices.Contains(names, name) {
					t.Errorf("truncated does not list %s: %.200s", name, truncated)
				}
			}
			slices.Sort(names)
			if len(slices.Compact(slices.Clone(names))) != len(names) {
				t.Errorf("truncated lists a field twice: %.200s", truncated)
			}
			if msg.Message[0] != tc.msg[0] || msg.Source != "node-a" {
				t.Errorf("message %.20q from %q", msg.Message, msg.Source)
			}
			if len(frame) > gelf.MaxFrame || len(tc.cut) > 0 && len(frame) < gelf.MaxFrame*9/10 {
				t.Errorf("the frame has %d bytes", len(frame))
			}
		})
	}
}

// TestTimestampDigits checks that the timestamp has the exact six decimals of the time,
// without the rounding of a float64.
func TestTimestampDigits(t *testing.T) {
	f := newFormat(t, Config{})
	for want, at := range map[string]time.Time{
		"1700000000.123456":   testTime,
		"1700000000.000001":   time.Unix(1700000000, 1999),
		"253402300798.999999": time.Unix(253402300798, 999999999),
	} {
		frame := encodeRecord(f, slog.NewRecord(at, slog.LevelInfo, "m", 0))
		if !strings.Contains(string(frame), `"timestamp":`+want+`,`) {
			t.Errorf("the timestamp is not %s: %s", want, frame)
		}
	}
}
