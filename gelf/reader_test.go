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

// frames reads a stream to its end.
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
	for _, tc := range []struct {
		name   string
		stream string
		want   []string
		err    string
	}{
		{"nothing", "", nil, "EOF"},
		{"one frame", "{}\x00", []string{"{}"}, "EOF"},
		{"two frames", "{1}\x00{2}\x00", []string{"{1}", "{2}"}, "EOF"},
		{"a last frame without NUL", "{1}\x00{2}", []string{"{1}", "{2}"}, "EOF"},
		{"line breaks end nothing", "{\n}\r\n\x00", []string{"{\n}\r\n"}, "EOF"},
		{"an empty frame", "{1}\x00\x00{2}\x00", []string{"{1}"}, "gelf: frame at byte 4 of the stream: empty"},
		{"an empty stream with a NUL", "\x00", nil, "gelf: frame at byte 0 of the stream: empty"},
		{"a frame of one byte", "{1}\x00{\x00{2}\x00", []string{"{1}"}, "gelf: frame at byte 4 of the stream: a single byte"},
		{"a rest of one byte", "{1}\x00{", []string{"{1}"}, "gelf: frame at byte 4 of the stream: a single byte"},
		{"the longest frame", "{}\x00" + long + "\x00{}\x00", []string{"{}", long, "{}"}, "EOF"},
		{"the longest frame as a rest", long, []string{long}, "EOF"},
		{"a frame too long", "{}\x00" + long + "x\x00{}\x00", []string{"{}"}, "gelf: frame at byte 3 of the stream: longer than 2097152 bytes"},
		{"a rest too long", long + "xyz", nil, "gelf: frame at byte 0 of the stream: longer than 2097152 bytes"},
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

func TestReaderErrorStays(t *testing.T) {
	r := NewReader(strings.NewReader("\x00{}\x00"))
	for range 3 {
		frame, err := r.Next()
		var fe *FrameError
		if !errors.As(err, &fe) || fe.Offset != 0 || frame != nil {
			t.Fatalf("Next: %q, %v; want a FrameError at 0", frame, err)
		}
	}
}

// A deadline that expires does not cost what was read before it.
func TestReaderGoesOnAfterTimeout(t *testing.T) {
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

// once returns a reader that fails once and is at its end then.
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
	if err != errNoProgress {
		t.Fatalf("error %v, want %v", err, errNoProgress)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// A long frame does not make a connection hold its memory.
func TestReaderMemory(t *testing.T) {
	long := strings.Repeat("x", MaxFrame)
	r := NewReader(iotest.OneByteReader(strings.NewReader("{}\x00")))
	if _, err := r.Next(); err != nil || len(r.buf) > minRead {
		t.Errorf("a quiet connection holds %d bytes, %v", len(r.buf), err)
	}
	r = NewReader(io.MultiReader(strings.NewReader(long+"\x00"), strings.NewReader("{}\x00"), idle{}))
	if _, err := r.Next(); err != nil || len(r.buf) > MaxFrame+1 {
		t.Errorf("the longest frame takes %d bytes, %v", len(r.buf), err)
	}
	if _, err := r.Next(); err != nil || len(r.buf) > maxRead {
		t.Errorf("a long frame leaves %d bytes, %v", len(r.buf), err)
	}
	failed := errors.New("expired deadline")
	r = NewReader(io.MultiReader(strings.NewReader(long[:MaxFrame*3/4]+"\x00{"), iotest.ErrReader(failed)))
	if _, err := r.Next(); err != nil {
		t.Error(err)
	}
	if _, err := r.Next(); err != failed || len(r.buf) > maxRead {
		t.Errorf("a long frame before an incomplete one leaves %d bytes, %v", len(r.buf), err)
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

// However the network cuts a stream, the frames are those between its NULs.
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

// cut reads data in pieces of many sizes, some of them empty.
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
