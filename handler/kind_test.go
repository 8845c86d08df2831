package handler

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
)

// kindsOfValues are values of all kinds that an attribute may have.
var kindsOfValues = []struct {
	name  string
	value any
}{
	{"integer", 5},
	{"large unsigned integer", uint64(math.MaxUint64)},
	{"whole float", 2.0},
	{"float", 1.5},
	{"NaN", math.NaN()},
	{"bool", true},
	{"duration", 1500 * time.Millisecond},
	{"text", "hello"},
	{"text of digits", "17"},
	{"date", "2026-01-02"},
	{"date and time", "2026-01-02T03:04:05Z"},
	{"date with slashes", "2026/01/02"},
	{"date that does not exist", "2026/13/01"},
	{"time", testTime},
	{"slice", []int{1, 2}},
	{"map", map[string]any{"a": 1}},
	{"struct", struct{ A int }{1}},
	{"error", io.ErrUnexpectedEOF},
	{"json.Number", json.Number("7")},
	{"json.Marshaler", jsonMarshaler(`"2026-01-03"`)},
	{"bytes", []byte("abc")},
	{"Stringer", stringer{}},
}

// dates matches the texts that the index takes for dates, or rejects as such.
var dates = regexp.MustCompile(`^[+-]?\d{4,}(-\d\d(-\d\d)?(T.*)?|T\d\d.*|/\d\d/\d\d( \d\d:\d\d:\d\d)?)$`)

// indexType returns the type that the index gives a value.
func indexType(v any) string {
	switch v := v.(type) {
	case int64:
		return "long"
	case float64:
		return "float"
	case string:
		switch {
		case dates.MatchString(v) && strings.Contains(v, "/"):
			return "date with slashes"
		case dates.MatchString(v):
			return "date"
		}
		return "keyword"
	}
	return fmt.Sprintf("%T", v)
}

// TestKinds checks that each field has values of one type, whatever is logged under its
// key, and that no value is lost.
func TestKinds(t *testing.T) {
	for _, first := range kindsOfValues {
		for _, second := range kindsOfValues {
			t.Run(first.name+", "+second.name, func(t *testing.T) {
				var seen reports
				h, c := newCapture(t, Config{Delivery: delivery.Config{OnError: seen.add}})
				types, names := make(map[string]string), make(map[string]bool)
				for _, v := range []any{first.value, second.value, first.value, second.value} {
					stored := fields(decode(t, handle(t, h, c, record("m", slog.Any("k", v)))))
					if len(stored) != 1 {
						t.Errorf("%v is stored as %v", v, stored)
					}
					for name, value := range stored {
						names[name] = true
						if is := indexType(value); types[name] == "" {
							types[name] = is
						} else if types[name] != is {
							t.Errorf("%s is %s after %s", name, is, types[name])
						}
						if text, ok := value.(string); ok && strings.Contains(text, "/13/") && text != `"2026/13/01"` {
							t.Errorf("%s = %s would lose the record", name, text)
						}
					}
				}
				retyped := h.Stats().Retyped
				if len(names) > 1 && retyped == 0 &&
					first.name != "NaN" && second.name != "NaN" &&
					first.name != "large unsigned integer" && second.name != "large unsigned integer" {
					t.Errorf("the values are in %v, but Retyped is 0", names)
				}
				errs := seen.exactly(t, h, int(min(retyped, 1)))
				for _, err := range errs {
					var key *KeyError
					if !errors.As(err, &key) || key.Key != `"k"` || strings.Contains(err.Error(), "hello") {
						t.Errorf("OnError was called with %v", err)
					}
				}
			})
		}
	}
}

// TestKindBound checks that an attribute of the call replaces a bound one of another
// kind, together with the fields derived from it.
func TestKindBound(t *testing.T) {
	runStored(t, []storedTest{
		{
			name:  "a string replaces an integer",
			with:  with(slog.Int("k", 1)),
			attrs: attrs{slog.String("k", "a")},
			want:  stored{"k_text": "a"},
		},
		{
			name:  "an integer replaces a string",
			with:  with(slog.Int("k", 1), slog.String("k", "a")),
			attrs: attrs{slog.Int("k", 2)},
			want:  stored{"k": int64(2)},
		},
		{
			name:  "a date replaces a string",
			with:  with(slog.Int("k", 1), slog.String("k", "a")),
			attrs: attrs{slog.Time("k", testTime)},
			want:  stored{"k_date": "2023-11-14T22:13:20.123456789Z"},
		},
		{
			name:  "nil replaces a string",
			with:  with(slog.Int("k", 1), slog.String("k", "a")),
			attrs: attrs{slog.Any("k", nil)},
			want:  stored{},
		},
		{
			name:  "in a group",
			with:  with(slog.Int("k", 1)),
			attrs: attrs{slog.Group("g", "k", 1), slog.Group("g", "k", "a")},
			want:  stored{"k": int64(1), "g_k_text": "a"},
		},
		{
			name:  "a long text replaces an integer",
			with:  with(slog.Int("k", 1)),
			attrs: attrs{slog.String("k", strings.Repeat("x", gelf.MaxField+1))},
			want:  stored{"k_text": strings.Repeat("x", gelf.MaxField), "truncated": "k_text"},
		},
		{
			name:  "a censored integer",
			opts:  Config{Censor: []string{"k"}},
			attrs: attrs{slog.Int("k", 1)},
			want:  stored{"k": censored},
		},
		{
			name:  "a censored name with a suffix",
			opts:  Config{Censor: []string{"k_text"}},
			with:  with(slog.Int("k", 1)),
			attrs: attrs{slog.String("k", "secret")},
			want:  stored{"k_text": censored},
		},
	})
}
