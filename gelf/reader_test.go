package gelf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// frames reads a stream to the end.
func frames(r io.Reader) (all []string, err error) {
	fr := NewReader(r)
	for {
		frame, err := fr.Next()
		if err != nil {
			return all, err
		}
		all = append(all, string(frame))
	}
}

func TestReader(t *testing.T) {
	long := strings.Repeat("x", MaxFrame)
	tooLongAt := func(offset int) string {
		return fmt.Sprintf("gelf: frame at byte %d of the stream: longer than 2097152 bytes", offset)
	}
	for _, tc := range []struct {
		name   string
		stream string
		want   []string
		err    string
	}{
		{"nothing", "", nil, "EOF"},
		{"one frame", "{}\x00", []string{"{}"}, "EOF"},
		{"two frames", "{1}\x00{2}\x00", []string{"{1}", "{2}"}, "EOF"},
		{"a last frame without a NUL", "{1}\x00{2}", []string{"{1}", "{2}"}, "EOF"},
		{"line breaks are not delimiters", "{\n}\r\n\x00", []string{"{\n}\r\n"}, "EOF"},
		{"an empty frame", "{1}\x00\x00{2}\x00", []string{"{1}"}, "gelf: frame at byte 4 of the stream: empty"},
		{"a single NUL", "\x00", nil, "gelf: frame at byte 0 of the stream: empty"},
		{
			"a frame of one byte",
			"{1}\x00{\x00{2}\x00",
			[]string{"{1}"},
			"gelf: frame at byte 4 of the stream: a single byte",
		},
		{"one byte before the end", "{1}\x00{", []string{"{1}"}, "gelf: frame at byte 4 of the stream: a single byte"},
		{"the longest frame", "{}\x00" + long + "\x00{}\x00", []string{"{}", long, "{}"}, "EOF"},
		{"the longest frame without a NUL", long, []string{long}, "EOF"},
		{"a frame that is too long", "{}\x00" + long + "x\x00{}\x00", []string{"{}"}, tooLongAt(3)},
		{"a frame that is too long without a NUL", long + "xyz", nil, tooLongAt(0)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, how := range []struct {
				name string
				wrap func(io.Reader) io.Reader
			}{
				{"whole", func(r io.Reader) io.Reader { return r }},
				{"halves", iotest.HalfReader},
				{"end with data", iotest.DataErrReader},
			} {
				got, err := frames(how.wrap(strings.NewReader(tc.stream)))
				if d := cmp.Diff(tc.want, got); d != "" && len(d) < 2000 {
					t.Errorf("%s: frames (-want +got):\n%s", how.name, d)
				} else if d != "" {
					t.Errorf("%s: frames differ", how.name)
				}
				if err.Error() != tc.err {
					t.Errorf("%s: error %q, want %q", how.name, err, tc.err)
				}
			}
		})
	}
}

func TestReaderRepeatsFrameError(t *testing.T) {
	r := NewReader(strings.NewReader("\x00{}\x00"))
	for range 3 {
		frame, err := r.Next()
		var fe *FrameError
		if !errors.As(err, &fe) || fe.Offset != 0 || frame != nil {
			t.Fatalf("Next: %q, %v; want a FrameError at 0", frame, err)
		}
	}
}

// TestReaderContinuesAfterTimeout checks that an expired deadline does not lose data.
func TestReaderContinuesAfterTimeout(t *testing.T) {
	r := NewReader(io.MultiReader(
		strings.NewReader("{1}\x00{2"),
		once(os.ErrDeadlineExceeded),
		strings.NewReader("}\x00"),
	))
	if f, err := r.Next(); string(f) != "{1}" || err != nil {
		t.Fatalf("Next: %q, %v", f, err)
	}
	if f, err := r.Next(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Next: %q, %v; want the deadline", f, err)
	}
	if f, err := r.Next(); string(f) != "{2}" || err != nil {
		t.Fatalf("Next after the deadline: %q, %v", f, err)
	}
}

// once returns a reader that returns an error once, and then io.EOF.
func once(err error) io.Reader {
	return &failing{err}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) {
	if err := f.err; err != nil {
		f.err = nil
		return 0, err
	}
	return 0, io.EOF
}

func TestReaderWithoutProgress(t *testing.T) {
	_, err := NewReader(idle{}).Next()
	if err != io.ErrNoProgress {
		t.Fatalf("error %v, want %v", err, io.ErrNoProgress)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestReaderFreesMemory checks that a reader needs little memory without long frames, and
// frees the memory of a long frame.
func TestReaderFreesMemory(t *testing.T) {
	long := strings.Repeat("x", MaxFrame)
	r := NewReader(iotest.OneByteReader(strings.NewReader("{}\x00")))
	if _, err := r.Next(); err != nil || len(r.buf) > minRead {
		t.Errorf("a short frame uses %d bytes, %v", len(r.buf), err)
	}
	r = NewReader(io.MultiReader(strings.NewReader(long+"\x00"), strings.NewReader("{}\x00"), idle{}))
	if _, err := r.Next(); err != nil || len(r.buf) > MaxFrame+1 {
		t.Errorf("the longest frame uses %d bytes, %v", len(r.buf), err)
	}
	if _, err := r.Next(); err != nil || len(r.buf) > maxRead {
		t.Errorf("after a long frame, the reader uses %d bytes, %v", len(r.buf), err)
	}
	failed := errors.New("expired deadline")
	r = NewReader(io.MultiReader(strings.NewReader(long[:MaxFrame*3/4]+"\x00{"), iotest.ErrReader(failed)))
	if _, err := r.Next(); err != nil {
		t.Error(err)
	}
	if _, err := r.Next(); err != failed || len(r.buf) > maxRead {
		t.Errorf("after a long and an incomplete frame, the reader uses %d bytes, %v", len(r.buf), err)
	}
}

func ExampleReader() {
	stream := strings.NewReader("{\"short_message\":\"one\"}\x00{\"short_message\":\"two\"}\x00")
	r := NewReader(stream)
	for {
		frame, err := r.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(string(frame))
	}
	// Output:
	// {"short_message":"one"}
	// {"short_message":"two"}
	// EOF
}

// FuzzReader reads a stream in random pieces, which must not change its frames.
func FuzzReader(f *testing.F) {
	f.Add([]byte("{1}\x00{2}\x00"), uint16(1))
	f.Add([]byte("{1}\x00{2}"), uint16(3))
	f.Add([]byte("{1}\x00\x00{2}\x00"), uint16(2))
	f.Add([]byte("\x00"), uint16(9))
	f.Add(bytes.Repeat([]byte("0123456789\x00"), 100), uint16(5000))
	f.Fuzz(func(t *testing.T, stream []byte, seed uint16) {
		got, err := frames(&cut{stream, uint32(seed)})
		var want []string
		wantErr := "EOF"
		for at := 0; at < len(stream); {
			n := bytes.IndexByte(stream[at:], 0)
			if n < 0 {
				n = len(stream) - at
			}
			if n < 2 {
				wantErr = fmt.Sprintf("at byte %d of", at)
				break
			}
			want = append(want, string(stream[at:at+n]))
			at += n + 1
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("frames (-want +got):\n%s", d)
		}
		if !strings.Contains(err.Error(), wantErr) {
			t.Errorf("error %q, want %q", err, wantErr)
		}
	})
}

// A cut reader returns data in pieces of different sizes, some of them empty.
type cut struct {
	data []byte
	seed uint32
}

func (c *cut) Read(p []byte) (int, error) {
	if len(c.data) == 0 {
		return 0, io.EOF
	}
	c.seed = c.seed*1664525 + 1013904223
	n := copy(p, c.data[:min(len(c.data), int(c.seed>>20)%9)])
	c.data = c.data[n:]
	return n, nil
}
