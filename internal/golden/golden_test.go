package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A recorder is a test that records its failure.
type recorder struct {
	testing.TB
	text string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Errorf(f string, args ...any) { r.text = fmt.Sprintf(f, args...) }
func (r *recorder) Fatalf(f string, args ...any) { r.text = fmt.Sprintf(f, args...); panic(r) }

func TestCheck(t *testing.T) {
	if *update {
		t.Skip("Check writes the files")
	}
	path := filepath.Join(t.TempDir(), "new", "file.golden")
	failure := func(got string) string {
		r := &recorder{TB: t}
		func() {
			defer func() {
				if v := recover(); v != nil && v != any(r) {
					panic(v)
				}
			}()
			Check(r, path, got)
		}()
		return r.text
	}
	if text := failure("one\n"); !strings.Contains(text, "run go test -update to write the file") {
		t.Errorf("without the file: %q", text)
	}
	*update = true
	Check(t, path, "one\ntwo\n")
	*update = false
	if text := failure("one\ntwo\n"); text != "" {
		t.Errorf("with the same text: %q", text)
	}
	text := failure("one\n2\n")
	if !strings.Contains(text, path+" differs") || !strings.Contains(text, `"two"`) || !strings.Contains(text, `"2"`) {
		t.Errorf("with another text: %q", text)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "one\ntwo\n" {
		t.Errorf("the file contains %q, %v", data, err)
	}
}
