package encode

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
)

// TestKindFields checks which field stores a value that does not fit the first one of
// its key.
func TestKindFields(t *testing.T) {
	tests := []struct {
		first, second any
		field         string
		value         any
	}{
		{5, "hello", "k_text", "hello"},
		{5, true, "k_text", "true"},
		{5, testTime, "k_date", "2023-11-14T22:13:20.123456789Z"},
		{5, "2026/01/02", "k_date", "2026-01-02"},
		{5, 1.5, "k_float", 1.5},
		{5, 2.0, "k", int64(2)},
		{5, 1e300, "k_text", "1e+300"},
		{5, 1e21, "k_float", 1e21},
		{5, "7", "k_text", "7"},
		{1.5, 5, "k", 5.0},
		{1.5, int64(math.MaxInt64), "k", float64(math.MaxInt64)},
		{1.5, errors.New("x"), "k_text", "x"},
		{1.5, time.Second, "k", 1.0},
		{"a", 5, "k", "5"},
		{"a", 1.5, "k", "1.5"},
		{"a", testTime, "k_date", "2023-11-14T22:13:20.123456789Z"},
		{"a", "2026-01-02", "k_date", "2026-01-02"},
		{"a", " 2026-01-02\n", "k_date", "2026-01-02"},
		{"a", "2026/02/30", "k", `"2026/02/30"`},
		{"a", "2026-01-02T00:00:00Europe/Paris", "k", `"2026-01-02T00:00:00Europe/Paris"`},
		{testTime, "a", "k_text", "a"},
		{testTime, 5, "k_text", "5"},
		{testTime, 1.5, "k_text", "1.5"},
		{testTime, "2026/01/02 03:04:05", "k", "2026-01-02T03:04:05"},
		{testTime, testTime.AddDate(8000, 0, 0), "k_text", "10023-11-14T22:13:20.123456789Z"},
		{testTime, testTime.In(time.FixedZone("", 20*3600)), "k", "2023-11-14T22:13:20.123456789Z"},
		{testTime, testTime.AddDate(-3000, 0, 0), "k_text", `"-0977-11-14T22:13:20.123456789Z"`},
		{"2026/01/02", "2026/01/02 03:04:05", "k", "2026/01/02 03:04:05"},
		{"2026/01/02", "2026-01-02", "k_date", "2026-01-02"},
		{"2026/01/02", testTime, "k_date", "2023-11-14T22:13:20.123456789Z"},
		{"2026/01/02", "a", "k_text", "a"},
	}
	for _, tc := range tests {
		t.Run(fmt.Sprintf("%v, %v", tc.first, tc.second), func(t *testing.T) {
			f := newFormat(t, Config{})
			encodeRecord(f, record("m", slog.Any("k", tc.first)))
			got := fields(decode(t, encodeRecord(f, record("m", slog.Any("k", tc.second)))))
			if len(got) != 1 || got[tc.field] != tc.value {
				t.Errorf("stored as %v, want %v in %s", got, tc.value, tc.field)
			}
		})
	}
}

// TestDateTexts checks that no built-in field becomes a date field, which would lose
// the records of other applications.
func TestDateTexts(t *testing.T) {
	level := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.LevelKey {
			a.Value = slog.StringValue("2026-01")
		}
		return a
	}
	f := newFormat(t, Config{Logger: "2026-01-03", ReplaceAttr: level})
	cut := slog.String("2026-01-04", strings.Repeat("x", gelf.MaxField+1))
	m := decode(t, encodeRecord(f, record("2026-01-02", cut)))
	want := map[string]any{
		"logger": `"2026-01-03"`, "event": `"2026-01-02"`, "level_name": `"2026-01"`, "truncated": `"2026-01-04"`,
	}
	for name, value := range want {
		if m.Fields[name] != value {
			t.Errorf("%s is %v, want %v", name, m.Fields[name], value)
		}
	}
	if m.Message != "2026-01-02" {
		t.Errorf("the message is %q", m.Message)
	}
}
