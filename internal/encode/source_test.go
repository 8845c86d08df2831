package encode

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSourceAgain checks that the fields of a location are the same each time it logs,
// and that they replace bound attributes with their names.
func TestSourceAgain(t *testing.T) {
	var pcs [2]uintptr // two calls on different lines
	runtime.Callers(1, pcs[:1])
	runtime.Callers(1, pcs[1:])
	frame, _ := runtime.CallersFrames(pcs[:1]).Next()
	for _, tc := range []struct {
		name  string
		bound attrs
		extra stored
	}{
		{"no attributes", nil, nil},
		{"the same name", attrs{slog.Int("line", -1), slog.Int("n", 1)}, stored{"n": int64(1)}},
		{"a name that is renamed", attrs{slog.String("_file", "mine")}, stored{"file_02bb5b68": "mine"}},
		{"another kind", attrs{slog.String("line", "none")}, stored{"line": "a text"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFormat(t, Config{AddSource: true})
			b := f.WithAttrs(new(Bound), tc.bound)
			for i := range 6 {
				r := record("m")
				r.PC = pcs[i%2]
				e := f.Encode(&r, 1, b, nil, 0)
				got := fields(decode(t, e.Bytes()))
				e.Free()
				got["file"] = filepath.Base(got["file"].(string))
				want := stored{
					"file":     "source_test.go",
					"line":     int64(frame.Line + i%2),
					"function": "github.com/aimakerspace/synlogger/internal/encode.TestSourceAgain",
				}
				for key, v := range tc.extra {
					want[key] = v
				}
				if want["line"] == "a text" {
					want["line"] = fmt.Sprint(frame.Line + i%2)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("record %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}
