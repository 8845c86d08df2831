package gelf

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
)

// m returns a Message for a table.
func m(text, source string, level int, fields ...any) Message {
	msg := Message{Message: text, Source: source, Level: level, Fields: map[string]any{}}
	for i := 0; i < len(fields); i += 2 {
		switch name := fields[i].(string); name {
		case "full_message":
			msg.FullMessage = fields[i+1].(string)
		case "timestamp":
			msg.Timestamp, _ = time.Parse(indexDate, fields[i+1].(string))
		default:
			msg.Fields[name] = fields[i+1]
		}
	}
	return msg
}

// with returns a frame with these members, a host and a text.
func with(members string) string {
	return `{"host":"h","short_message":"m",` + members + `}`
}

func TestDecode(t *testing.T) {
	for _, tc := range rules {
		t.Run(tc.name, func(t *testing.T) {
			got, findings, err := Decode([]byte(long(tc.frame)))
			if err != nil || tc.err != "" {
				if err == nil || tc.err == "" || !strings.Contains(err.Error(), long(tc.err)) {
					t.Fatalf("error %v, want %q", err, tc.err)
				}
				if !strings.HasPrefix(err.Error(), "gelf: ") {
					t.Errorf("error %v, want the prefix gelf", err)
				}
				if d := cmp.Diff(Message{}, got); d != "" || findings != nil {
					t.Fatalf("with an error: %s %v", d, findings)
				}
				return
			}
			if d := cmp.Diff(tc.want, got); d != "" && len(d) < 5000 {
				t.Errorf("message (-want +got):\n%s", d)
			} else if d != "" {
				t.Error("message differs")
			}
			var lines []string
			for _, f := range findings {
				lines = append(lines, f.String())
			}
			if d := cmp.Diff(tc.findings, strings.Join(lines, "\n")); d != "" {
				t.Errorf("findings (-want +got):\n%s", d)
			}
		})
	}
}

// long replaces "$n" with n letters.
func long(t string) string {
	for {
		before, after, ok := strings.Cut(t, "$")
		if !ok {
			return t
		}
		var n int
		fmt.Sscanf(after, "%d", &n)
		t = before + strings.Repeat("x", n) + strings.TrimPrefix(after, fmt.Sprint(n))
	}
}

func TestDecodeMaxField(t *testing.T) {
	for _, letter := range []string{"x", "é", "€", "😀"} {
		fits := strings.Repeat(letter, MaxField/len(letter))
		if _, _, err := Decode([]byte(with(`"_x":"` + fits + `"`))); err != nil {
			t.Errorf("%d bytes of %s: %v", len(fits), letter, err)
		}
		if _, _, err := Decode([]byte(with(`"_x":"` + fits + letter + `"`))); err == nil {
			t.Errorf("%d bytes of %s are accepted", len(fits)+len(letter), letter)
		}
	}
}

func TestDecodeMaxDepth(t *testing.T) {
	for depth, want := range map[int]bool{999: true, 1000: false} { // and the frame itself
		frame := with(`"_x":` + strings.Repeat("[", depth) + strings.Repeat("]", depth))
		if _, _, err := Decode([]byte(frame)); (err == nil) != want {
			t.Errorf("%d nested arrays: %v", depth, err)
		}
	}
}

// TestDecodeManyKeys covers the index of keys, which only large frames use.
func TestDecodeManyKeys(t *testing.T) {
	var b strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&b, `"_k%d":%d,`, i%40_000, i)
	}
	got, findings, err := Decode([]byte(with(b.String())))
	if err != nil || len(got.Fields) != 40_000 || len(findings) != 10_000 || got.Fields["k5"] != int64(40_005) {
		t.Errorf("%d fields, %d findings, %v", len(got.Fields), len(findings), err)
	}
}

// TestDecodeInvalidUTF8 checks that invalid UTF-8 becomes as many U+FFFD as in Java.
func TestDecodeInvalidUTF8(t *testing.T) {
	for in, want := range map[string]string{
		"\xff":                 "\ufffd",
		"a\xe2\x82":            "a\ufffd",
		"\xe2\x82x":            "\ufffdx",
		"\xed\xa0\x80":         "\ufffd",
		"\xed\xa0x":            "\ufffdx",
		"\xf0\x9f\x98":         "\ufffd",
		"\xf0\x9fx":            "\ufffdx",
		"\xc0\x80":             "\ufffd\ufffd",
		"\xe0\x80\x80":         "\ufffd\ufffd\ufffd",
		"\xf4\x90\x80\x80":     "\ufffd\ufffd\ufffd\ufffd",
		"\xf8\x88\x80\x80\x80": "\ufffd\ufffd\ufffd\ufffd\ufffd",
		"\xf0\x9f\x98\x28":     "\ufffd(",
		"\xc3":                 "\ufffd",
	} {
		got, _, err := Decode([]byte(with(`"_x":"` + in + `|"`)))
		if err != nil || got.Fields["x"] != want+"|" {
			t.Errorf("% x: %+q, want %+q (%v)", in, got.Fields["x"], want+"|", err)
		}
	}
}

type compressedTest struct {
	name  string
	frame []byte
	err   string
}

func compressedTests() []compressedTest {
	plain := []byte(with(`"_n":1`))
	gz, z := gzipped(plain), zlibbed(plain)
	padded := append(bytes.Clone(plain), bytes.Repeat([]byte{' '}, MaxDecompressed)...)
	over := []byte(with(`"full_message":"` + strings.Repeat("x", MaxDecompressed) + `"`))
	return []compressedTest{
		{"gzip", gz, ""},
		{"gzip with trailing bytes", append(bytes.Clone(gz), "junk"...), ""},
		{"gzip in two members", append(gzipped(plain[:9]), gzipped(plain[9:])...), ""},
		{"zlib", z, ""},
		{"zlib with trailing bytes", append(bytes.Clone(z), "junk"...), ""},
		{"white space over the limit", gzipped(padded), ""},
		{"truncated gzip", gz[:len(gz)-9], "gelf: gzip frame: unexpected EOF"},
		{
			"gzip with a wrong checksum",
			append(gz[:len(gz)-8:len(gz)-8], "12345678"...),
			"gelf: gzip frame: gzip: invalid",
		},
		{"truncated zlib", z[:len(z)-2], "gelf: zlib frame: unexpected EOF"},
		{
			"zlib with a wrong checksum",
			append(z[:len(z)-4:len(z)-4], "1234"...),
			"gelf: zlib frame: zlib: invalid checksum",
		},
		{"text over the limit", zlibbed(over), "gelf: not JSON at byte 47: unterminated string"},
		{"gzip in gzip", gzipped(gz), "gelf: not JSON at byte 0"},
		{"a chunk", []byte("\x1e\x0f1234567812"), "gelf: a chunk instead of a whole frame"},
		{"neither zlib nor JSON", []byte("x{}"), "gelf: the frame begins with 78 7b, which is neither JSON nor"},
		{"neither gzip nor JSON", []byte("\x1f{}"), "gelf: the frame begins with 1f 7b"},
	}
}

func TestDecodeCompressed(t *testing.T) {
	for _, tc := range compressedTests() {
		got, findings, err := Decode(tc.frame)
		switch {
		case tc.err != "":
			if err == nil || !strings.HasPrefix(err.Error(), tc.err) {
				t.Errorf("%s: error %v, want %q", tc.name, err, tc.err)
			}
		case err != nil || findings != nil:
			t.Errorf("%s: %v, %v", tc.name, findings, err)
		default:
			if d := cmp.Diff(m("m", "h", -1, "n", int64(1)), got); d != "" {
				t.Errorf("%s (-want +got):\n%s", tc.name, d)
			}
		}
	}
}

func gzipped(p []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(p)
	w.Close()
	return b.Bytes()
}

func zlibbed(p []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(p)
	w.Close()
	return b.Bytes()
}

func TestDecodeAllocs(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Decode(benchFrame) }); n > 16 {
		t.Errorf("%v allocations", n)
	}
}

func ExampleDecode() {
	frame := `{"version":"1.1","host":"hospital-1","short_message":"Hello World!","timestamp":1700000000.25,` +
		`"level":6,"_owner":"me","_ready":true,"_source":"here","_a.b":1}`
	msg, findings, err := Decode([]byte(frame))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{"timestamp", "source", "level", "message", "owner", "a_b"} {
		fmt.Println(name, "=", msg.Text(name))
	}
	for _, f := range findings {
		fmt.Println(f)
	}
	_, _, err = Decode([]byte(`{"host":"hospital-1","short_message":" "}`))
	fmt.Println(err)
	// Output:
	// timestamp = 2023-11-14T22:13:20.250Z
	// source = hospital-1
	// level = 6
	// message = Hello World!
	// owner = me
	// a_b = 1
	// _ready dropped: boolean is not stored
	// _source dropped: the message has source already
	// _a.b renamed: dots become underscores: a_b
	// gelf: short_message is blank
}

func ExampleReserved() {
	for _, name := range []string{"owner", "source", "gl2_remote_ip", "_id"} {
		fmt.Println(name, Reserved([]byte(name)))
	}
	// Output:
	// owner false
	// source true
	// gl2_remote_ip true
	// _id true
}
