package encode

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// FuzzShorten checks that a frame is cut to its limit, remains valid JSON, and that
// truncated lists every field that was cut.
func FuzzShorten(f *testing.F) {
	f.Add("message", "a", "text", "b", strings.Repeat("世", 200), 500)
	f.Add("m", "a", strings.Repeat("\x00", 100), "b", strings.Repeat(`\"`, 100), 400)
	f.Add(strings.Repeat("\\", 300), "k", "\xff", "k", "", 350)
	f.Add("\u2028", strings.Repeat("a", 100), "x", strings.Repeat("b", 200), "y", 380)
	f.Fuzz(func(t *testing.T, msg, key1, text1, key2, text2 string, limit int) {
		const least = 300 // bytes for the members that are not cut
		if limit < least || limit > 1<<20 {
			return
		}
		f := New(Config{
			Host:      "h",
			Logger:    "l",
			AddEvent:  true,
			Report:    func(error) {},
			ReportKey: func(_, _, _ string) {},
		})
		e := newFrame(f)
		r := slog.NewRecord(time.Unix(1700000000, 123456789), slog.LevelInfo, msg, 0)
		e.builtins(&r, 1)
		for _, a := range []slog.Attr{
			slog.String(key1, text1),
			slog.Int("n", 5),
			slog.String(key2, text2),
			slog.Float64("f", 0.5),
		} {
			e.attr(a)
		}
		whole := string(e.buf)
		if len(spansOf(e.buf)) == 0 || len(key1)+len(key2) > limit/8 {
			return
		}
		var before map[string]any
		if err := json.Unmarshal([]byte(whole+"}"), &before); err != nil {
			t.Fatalf("%v: %s", err, whole)
		}
		short, names := shorten(e.buf, e.attrs, nil, limit)
		frame := string(short) + `,"_truncated":` + string(jsontext.AppendString(nil, string(names)))
		if len(whole)+len(`,"_truncated":""`) <= limit {
			if string(short) != whole || len(names) > 0 {
				t.Fatalf("a frame that fits into %d bytes was cut: %s", limit, short)
			}
			return
		}
		if len(frame) > limit {
			t.Fatalf("the frame has %d bytes, the limit is %d: %s", len(frame), limit, frame)
		}
		if !utf8.ValidString(frame) {
			t.Fatalf("not UTF-8: %q", frame)
		}
		var after map[string]any
		if err := json.Unmarshal([]byte(frame+"}"), &after); err != nil {
			t.Fatalf("%v: %s", err, frame)
		}
		cut := strings.Split(string(names), ", ")
		for name, was := range before {
			is, ok := after[name]
			if ok && is == was {
				continue
			}
			listed := strings.TrimPrefix(name, "_")
			if name == "short_message" {
				listed = "message"
			}
			if !slices.Contains(cut, listed) {
				t.Fatalf("%s was %q, is %q, and truncated is %q", name, was, is, names)
			}
			wasText, _ := was.(string)
			isText, _ := is.(string)
			if ok && !strings.HasPrefix(wasText, isText) {
				t.Fatalf("%s was %q, is %q", name, was, is)
			}
		}
	})
}
