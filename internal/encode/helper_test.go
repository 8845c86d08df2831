package encode

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/frametest"
)

var (
	decode = frametest.Decode
	fields = frametest.Fields
)

type (
	attrs  = []slog.Attr
	stored = map[string]any
)

var testTime = time.Date(2023, 11, 14, 22, 13, 20, 123456789, time.UTC)

// record returns a record with these attributes.
func record(msg string, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(testTime, slog.LevelInfo, msg, 0)
	r.AddAttrs(attrs...)
	return r
}

// newFormat returns a format with the fields of a role. Errors fail the test, but reports about
// keys do not.
func newFormat(t testing.TB, cfg Config) *Format {
	cfg.Host, cfg.AddEvent, cfg.AddLevelName, cfg.AddLevelNumber = "node-a", true, true, true
	cfg.Report = func(err error) {
		if !errors.Is(err, field.ErrManyFields) && !errors.Is(err, field.ErrKeysUnchecked) {
			t.Errorf("reported: %v", err)
		}
	}
	cfg.ReportKey = func(_, _, _ string) {}
	return New(cfg)
}

// censoring returns a configuration with rules for keys.
func censoring(t testing.TB, keys ...string) Config {
	t.Helper()
	rules, err := censor.New(keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Config{Censor: rules}
}

// encodeRecord returns the frame of a record without bound attributes.
func encodeRecord(f *Format, r slog.Record) []byte {
	frame := f.Encode(&r, 1, new(Bound), nil, 0)
	defer frame.Free()
	return bytes.Clone(frame.Bytes())
}

// A logValuer is a LogValuer that calls the function.
type logValuer func() slog.Value

func (f logValuer) LogValue() slog.Value { return f() }

// secret is a text that must not be in a censored frame.
const secret = "hunter2"

// A detailed error has a longer text for %+v.
type detailed struct{ text string }

func (e detailed) Error() string { return e.text }

func (e detailed) Format(s fmt.State, verb rune) {
	io.WriteString(s, e.text)
	if verb == 'v' && s.Flag('+') {
		io.WriteString(s, "\nin detail")
	}
}
