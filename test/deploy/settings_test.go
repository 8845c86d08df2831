package deploy_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/internal/golden"
)

const settingsFile = "testdata/graylog-settings.txt"

const settingsHeader = `# The settings of a Graylog 7.0.1 server: the names in the annotations @Parameter
# of the classes in graylog2-server-7.0.1.jar. Made, and compared, by
#   GRAYLOG_JARS=DIR go test ./test/deploy -run TestSettingsOfServer [-update]
# where DIR has that jar.
`

// knownSettings returns the settings in the golden file.
func knownSettings(t *testing.T) map[string]bool {
	t.Helper()
	known := make(map[string]bool)
	for line := range strings.Lines(readFile(t, settingsFile)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			known[line] = true
		}
	}
	return known
}

// TestSettingsOfServer compares the list of settings with the classes of a server.
func TestSettingsOfServer(t *testing.T) {
	dir := os.Getenv("GRAYLOG_JARS")
	if dir == "" {
		t.Skip("GRAYLOG_JARS does not name the directory of a server's jars")
	}
	jars, err := filepath.Glob(filepath.Join(dir, "graylog2-server-*.jar"))
	if err != nil || len(jars) != 1 {
		t.Fatalf("%s has %d jars of a server, want 1", dir, len(jars))
	}
	settings, err := settingsOf(jars[0])
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, settingsFile, settingsHeader+strings.Join(settings, "\n")+"\n")
}

// settingsOf returns the names of the parameters that the classes of a jar
// declare, in order.
func settingsOf(jar string) ([]string, error) {
	archive, err := zip.OpenReader(jar)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	names := make(map[string]bool)
	for _, file := range archive.File {
		if !strings.HasSuffix(file.Name, ".class") {
			continue
		}
		r, err := file.Open()
		if err != nil {
			return nil, err
		}
		class, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(class, []byte(parameter)) {
			continue
		}
		found, err := parameters(class)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name, err)
		}
		for _, name := range found {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// parameter is the type of the annotation of a setting.
const parameter = "Lcom/github/joschi/jadconfig/Parameter;"

// parameters returns the values of the annotations @Parameter on the fields of a
// class (The Java Virtual Machine Specification, chapter 4).
func parameters(class []byte) (names []string, err error) {
	r := &classReader{b: class}
	defer func() {
		if r.short {
			err = errors.New("the class file ends early")
		}
	}()
	r.skip(8) // magic, version
	texts := r.constants()
	r.skip(6)              // access, this, super
	r.skip(2 * r.short2()) // interfaces
	for range r.short2() {
		r.skip(6) // access, name, descriptor
		for range r.short2() {
			name, length := texts[r.short2()], r.short4()
			if name != "RuntimeVisibleAnnotations" {
				r.skip(length)
				continue
			}
			for range r.short2() {
				if value, ok := r.annotation(texts); ok {
					names = append(names, value)
				}
			}
		}
		if r.short {
			break
		}
	}
	return names, nil
}

// A classReader reads the numbers of a class file.
type classReader struct {
	b     []byte
	short bool // set if the file ended early
}

func (r *classReader) take(n int) []byte {
	if n > len(r.b) {
		r.b, r.short = nil, true
		return make([]byte, min(n, 8))
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *classReader) skip(n int)  { r.take(n) }
func (r *classReader) byte() byte  { return r.take(1)[0] }
func (r *classReader) short2() int { return int(binary.BigEndian.Uint16(r.take(2))) }
func (r *classReader) short4() int { return int(binary.BigEndian.Uint32(r.take(4))) }

// constants returns the texts of the constant pool by their index.
func (r *classReader) constants() map[int]string {
	texts := make(map[int]string)
	count := r.short2()
	for i := 1; i < count && !r.short; i++ {
		switch tag := r.byte(); tag {
		case 1: // Utf8
			texts[i] = string(r.take(r.short2()))
		case 3, 4, 9, 10, 11, 12, 17, 18: // Integer, Float, references, NameAndType, dynamic
			r.skip(4)
		case 5, 6: // Long, Double: these have two indexes
			r.skip(8)
			i++
		case 7, 8, 16, 19, 20: // Class, String, MethodType, Module, Package
			r.skip(2)
		case 15: // MethodHandle
			r.skip(3)
		default:
			r.short = true
		}
	}
	return texts
}

// annotation reads an annotation and returns the element value of a @Parameter.
func (r *classReader) annotation(texts map[int]string) (value string, ok bool) {
	kind := texts[r.short2()]
	for range r.short2() {
		name := texts[r.short2()]
		text := r.element(texts)
		if kind == parameter && name == "value" {
			value, ok = text, true
		}
	}
	return value, ok
}

// element reads the value of an element and returns it if it is a string.
func (r *classReader) element(texts map[int]string) string {
	switch tag := r.byte(); tag {
	case 's':
		return texts[r.short2()]
	case 'e': // an enum's type and constant
		r.skip(4)
	case '@':
		r.annotation(texts)
	case '[':
		for range r.short2() {
			r.element(texts)
		}
	default: // a number, a truth value, a class
		r.skip(2)
	}
	return ""
}
