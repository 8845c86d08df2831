package role

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/golden"
)

// A topic is one file of golden frames: a call and a configuration.
type topic struct {
	file   string
	call   string // Go code, for readers of the file
	config Config
	with   func(slog.Handler) slog.Handler
	msg    string
	attrs  []slog.Attr
}

var topics = []topic{
	{
		file: "plain",
		call: `slog.Log(ctx, level, "Hello World!", "owner", "me", "n", 3, "loss", 1.0, "ok", true, ` +
			`"took", 1500*time.Millisecond)`,
		msg: "Hello World!",
		attrs: []slog.Attr{
			slog.String("owner", "me"),
			slog.Int("n", 3),
			slog.Float64("loss", 1),
			slog.Bool("ok", true),
			slog.Duration("took", 1500*time.Millisecond),
		},
	},
	{
		file: "groups",
		call: `slog.With("bound", 1, "twice", "bound").WithGroup("run").With("id", 7).
	Log(ctx, level, "m", "twice", "call", slog.Group("model", "name", "resnet", slog.Group("none")), ` +
			`slog.Group("", "inline", 2))`,
		with: func(h slog.Handler) slog.Handler {
			return h.WithAttrs([]slog.Attr{
				slog.Int("bound", 1),
				slog.String("twice", "bound"),
			}).WithGroup("run").WithAttrs([]slog.Attr{slog.Int("id", 7)})
		},
		msg: "m",
		attrs: []slog.Attr{
			slog.String("twice", "call"),
			slog.Group("model", "name", "resnet", slog.Group("none")),
			slog.Group("", "inline", 2),
		},
	},
	{
		file:   "debug",
		call:   `Config{Debug: true}, slog.Log(ctx, level, "m", "owner", "me")`,
		config: Config{Debug: true},
		msg:    "m",
		attrs:  []slog.Attr{slog.String("owner", "me")},
	},
	{
		file: "censor",
		call: `Config{Censor: []string{"password", "token", "db.user"}},
	slog.With("token", "t0").Log(ctx, level, "m", "password", 0, ` +
			`slog.Group("db", "user", "u", "password", "p", "host", "h"),
	"cfg", map[string]any{"password": "p", "deep": []any{map[string]string{"token": "t"}}, "free": 1}, "err", err)`,
		config: Config{Censor: []string{"password", "token", "db.user"}},
		with: func(h slog.Handler) slog.Handler {
			return h.WithAttrs([]slog.Attr{slog.String("token", "t0")})
		},
		msg: "m",
		attrs: []slog.Attr{
			slog.Int("password", 0),
			slog.Group("db", "user", "u", "password", "p", "host", "h"),
			slog.Any("cfg", map[string]any{"password": "p", "deep": []any{map[string]string{"token": "t"}}, "free": 1}),
			slog.Any("err", errors.New("boom")),
		},
	},
	{
		file: "filter-add",
		call: `Config{Filters: []Filter{AddAttrs(slog.Bool("is_valid", true), slog.String("owner", "filter"))}}, ` +
			`slog.Log(ctx, level, "m", "owner", "me")`,
		config: Config{Filters: []Filter{AddAttrs(slog.Bool("is_valid", true), slog.String("owner", "filter"))}},
		msg:    "m",
		attrs:  []slog.Attr{slog.String("owner", "me")},
	},
	{
		file: "filter-alter",
		call: `Config{Filters: []Filter{Rename("owner", "party"), shout}, Censor: []string{"password"}}, ` +
			`slog.With("password", "hunter2").Log(ctx, level, "m", "owner", "me")`,
		config: Config{
			Censor: []string{"password"},
			Filters: []Filter{Rename("owner", "party"), func(_ context.Context, r slog.Record) (slog.Record, bool) {
				r.Message = strings.ToUpper(r.Message) + "!"
				return r, true
			}},
		},
		with: func(h slog.Handler) slog.Handler {
			return h.WithAttrs([]slog.Attr{slog.String("password", "hunter2")})
		},
		msg:   "m",
		attrs: []slog.Attr{slog.String("owner", "me")},
	},
	{
		file: "filter-drop",
		call: `Config{Filters: []Filter{Drop(func(r slog.Record) bool { return r.Level < slog.LevelWarn })}}, ` +
			`slog.Log(ctx, level, "m", "owner", "me")`,
		config: Config{Filters: []Filter{Drop(func(r slog.Record) bool { return r.Level < slog.LevelWarn })}},
		msg:    "m",
		attrs:  []slog.Attr{slog.String("owner", "me")},
	},
	{
		file:   "file-path",
		call:   `Config{FilePath: "/srv/run.py"}, slog.Log(ctx, level, "m"), and with "file_path", "/srv/other.py"`,
		config: Config{FilePath: "/srv/run.py"},
		msg:    "m",
	},
	{
		file:   "file-path-of-the-call",
		call:   `Config{FilePath: "/srv/run.py"}, slog.Log(ctx, level, "m", "file_path", "/srv/other.py")`,
		config: Config{FilePath: "/srv/run.py"},
		msg:    "m",
		attrs:  []slog.Attr{slog.String("file_path", "/srv/other.py")},
	},
	{
		file: "hostile-values",
		call: `slog.Log(ctx, level, "a\x00b \"quoted\" \xff <script>\u2028 世界 🚀", …)`,
		msg:  "a\x00b \"quoted\" \xff <script>\u2028 世界 🚀",
		attrs: []slog.Attr{
			slog.Any("null", nil),
			slog.String("blank", " \t\n"),
			slog.String("control", "a\x01\x1f\x7f"),
			slog.Float64("nan", math.NaN()),
			slog.Float64("inf", math.Inf(-1)),
			slog.Float64("small", 5e-324),
			slog.Float64("large", 1e21),
			slog.Uint64("max_uint", math.MaxUint64),
			slog.Int64("min_int", math.MinInt64),
			slog.Any("bytes", []byte("\xff\xfe")),
			slog.Time("when", time.Date(2020, 1, 2, 3, 4, 5, 6, time.UTC)),
			slog.Any("list", []any{1, "a", nil, true, 2.0, math.NaN(), errors.New("boom")}),
			slog.Any("map", map[string]any{"b": 1, "a": map[int]string{2: "x"}}),
			slog.Any("func", func() {}),
			slog.Any("cycle", cyclic()),
			slog.Any("panics", panicking{}),
			slog.Any("nil_pointer", (*time.Time)(nil)),
			slog.Any("err", io.ErrUnexpectedEOF),
			slog.Any("wrapped", fmt.Errorf("round 3: %w", io.EOF)),
			slog.Any("valuer", valuer{}),
		},
	},
	{
		file: "hostile-keys",
		call: `slog.Log(ctx, level, "m", "source", 1, "id", 2, "_message", 3, …)`,
		msg:  "m",
		attrs: []slog.Attr{
			slog.Int("source", 1),
			slog.Int("id", 2),
			slog.Int("_message", 3),
			slog.Int("timestamp", 4),
			slog.Int("level", 5),
			slog.Int("host", 6),
			slog.Int("logger", 7),
			slog.Int("event", 8),
			slog.Int("seq", 9),
			slog.Int("streams", 10),
			slog.Int("_id", 11),
			slog.Int("__id", 12),
			slog.Int("gl2_source_input", 13),
			slog.Int("a b", 14),
			slog.Int("c.d", 15),
			slog.Int("schlüssel", 16),
			slog.Int("", 17),
			slog.Int("full_message", 18),
			slog.Int("facility", 19),
			slog.Int("version", 20),
			slog.Int("short_message", 21),
			slog.Int("level_name", 22),
			slog.Int("line", 23),
			slog.Int("\xff\"", 24),
		},
	},
}

type panicking struct{}

func (panicking) String() string { panic("out of order") }

type valuer struct{}

func (valuer) LogValue() slog.Value { panic("no value") }

func cyclic() any {
	m := map[string]any{"a": 1}
	m["self"] = m
	return m
}

// goldenTime is the time of all golden records.
var goldenTime = time.Date(2023, 11, 14, 22, 13, 20, 123456789, time.UTC)

var goldenLevels = []slog.Level{slog.LevelDebug, slog.LevelInfo, 2, slog.LevelWarn, slog.LevelError, LevelCritical}

// TestGolden checks the frames of all roles at all levels. The golden files specify the
// wire format: the call, the frame, and the stored fields.
func TestGolden(t *testing.T) {
	for _, tc := range topics {
		t.Run(tc.file, func(t *testing.T) {
			var doc strings.Builder
			fmt.Fprintf(&doc, "%s\n", tc.call)
			for _, r := range All() {
				for _, level := range goldenLevels {
					fmt.Fprintf(&doc, "\n## %s at %v\n", r.Name, level)
					doc.WriteString(goldenFrame(t, r, level, tc))
				}
			}
			golden.Check(t, filepath.Join("..", "testdata", "frames", tc.file+".golden"), doc.String())
		})
	}
}

// goldenFrame returns the frame and the stored fields of one record.
func goldenFrame(t *testing.T, r Role, level slog.Level, tc topic) string {
	t.Helper()
	var line bytes.Buffer
	cfg := tc.config
	cfg.Name, cfg.Host, cfg.Level, cfg.Variant, cfg.Writer = "unit", "node-a", slog.LevelDebug, VariantBasic, &line
	h, err := New(r, cfg)
	if err != nil {
		t.Fatal(err)
	}
	var sh slog.Handler = h
	if tc.with != nil {
		sh = tc.with(sh)
	}
	pc, _, _, _ := runtime.Caller(0)
	rec := slog.NewRecord(goldenTime, level, tc.msg, pc)
	rec.AddAttrs(tc.attrs...)
	if err := sh.Handle(context.Background(), rec); err != nil {
		t.Fatal(err)
	}
	if line.Len() == 0 {
		return "not sent\n"
	}
	frame := bytes.TrimSuffix(line.Bytes(), []byte("\n"))
	if !json.Valid(frame) {
		t.Errorf("not JSON: %s", frame)
	}
	msg, findings, err := gelf.Decode(frame)
	if err != nil {
		t.Errorf("Graylog rejects the frame: %v", err)
	}
	for _, f := range findings {
		t.Errorf("Graylog does not store %v", f)
	}
	doc := string(frame) + "\n" + stored(msg)
	if tc.config.Debug {
		doc = withoutMachine(doc)
	}
	return doc
}

// stored returns the fields of a record as a table.
func stored(msg gelf.Message) string {
	var b strings.Builder
	row := func(name string, value any) { fmt.Fprintf(&b, "    %-16s %-8T %v\n", name, value, value) }
	row("message", fmt.Sprintf("%q", msg.Message))
	row("source", msg.Source)
	row("timestamp", msg.Text("timestamp"))
	row("level", msg.Level)
	if msg.FullMessage != "" {
		row("full_message", fmt.Sprintf("%q", msg.FullMessage))
	}
	for _, name := range slices.Sorted(maps.Keys(msg.Fields)) {
		value := msg.Fields[name]
		if text, ok := value.(string); ok {
			value = fmt.Sprintf("%q", text)
		}
		row(name, value)
	}
	return b.String()
}

// withoutMachine replaces what depends on the machine or on the lines of this file.
func withoutMachine(doc string) string {
	_, file, _, _ := runtime.Caller(0)
	doc = strings.ReplaceAll(doc, file, "FILE")
	doc = strings.ReplaceAll(doc, fmt.Sprint(os.Getpid()), "PID")
	doc = strings.ReplaceAll(doc, filepath.Base(os.Args[0]), "PROCESS")
	return lineNumber.ReplaceAllString(doc, "${1}LINE")
}

var lineNumber = regexp.MustCompile(`("_line":|line +int64 +)\d+`)
