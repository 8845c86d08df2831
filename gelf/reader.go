package gelf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// How much a [Reader] asks for at a time: little until a connection shows that
// it has more to say.
const (
	minRead = 4 << 10
	maxRead = 64 << 10
)

// A FrameError is a frame at which Graylog closes the connection, and with it
// loses what the sender has under way behind it. What it had read by then
// together with that frame it may still store.
type FrameError struct {
	// Offset is where in the stream the frame begins, in bytes.
	Offset int64
	// Reason says what is wrong with it.
	Reason string
}

func (e *FrameError) Error() string {
	return fmt.Sprintf("gelf: frame at byte %d of the stream: %s", e.Offset, e.Reason)
}

// A Reader splits a stream into frames, each ended by a NUL byte, as a GELF TCP
// input does. It is not safe for use by several goroutines at once.
//
// It starts with a few kilobytes of memory, takes what the longest frame under
// way needs, up to [MaxFrame], and gives that back when the frame is done.
type Reader struct {
	r          io.Reader
	buf        []byte
	start, end int   // buf[start:end] is read and not yet returned
	seen       int   // buf[start:start+seen] holds no NUL
	offset     int64 // of buf[start] in the stream
	empty      int   // reads in a row that gave nothing
	err        error
}

// NewReader returns a Reader of the frames in r.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: r}
}

// Next returns the next frame without its NUL. The slice is valid until the
// next call.
//
// At the end of the stream the error is [io.EOF]. What stands there without a
// NUL is a last frame, as it is to Graylog. A frame that is too long, empty or
// a single byte is a [*FrameError]; a server closes the connection then, and
// every further call returns the same error. Any other error is the underlying
// reader's, and after one that passes, such as an expired deadline, Next can be
// called again and goes on where it was.
func (r *Reader) Next() ([]byte, error) {
	for r.err == nil {
		if n := bytes.IndexByte(r.buf[r.start+r.seen:r.end], 0); n >= 0 {
			return r.take(r.seen+n, 1)
		}
		r.seen = r.end - r.start
		if r.seen > MaxFrame {
			return r.take(r.seen, 0)
		}
		if err := r.fill(); err == io.EOF {
			if r.start == r.end {
				return nil, io.EOF
			}
			return r.take(r.end-r.start, 0)
		} else if err != nil {
			return nil, err
		}
	}
	return nil, r.err
}

// take returns the frame of n bytes at the start and steps over it and its
// delimiter.
func (r *Reader) take(n, delimiter int) ([]byte, error) {
	switch {
	case n > MaxFrame:
		r.err = &FrameError{r.offset, fmt.Sprintf("longer than %d bytes", MaxFrame)}
	case n == 0:
		r.err = &FrameError{r.offset, "empty"}
	case n == 1:
		r.err = &FrameError{r.offset, "a single byte"}
	}
	if r.err != nil {
		r.buf, r.start, r.end = nil, 0, 0
		return nil, r.err
	}
	frame := r.buf[r.start : r.start+n : r.start+n]
	r.start += n + delimiter
	r.offset += int64(n + delimiter)
	r.seen = 0
	return frame, nil
}

var errNoProgress = errors.New("gelf: the reader under the frames returns neither data nor an error")

// fill reads once, after making room.
func (r *Reader) fill() error {
	switch {
	case r.start == r.end && (r.buf == nil || len(r.buf) > maxRead):
		r.resize(max(minRead, min(len(r.buf), maxRead)))
	case len(r.buf) > maxRead && r.end-r.start <= maxRead/2: // behind a long frame
		r.resize(maxRead)
	case r.start > 0:
		copy(r.buf, r.buf[r.start:r.end])
		r.end -= r.start
		r.start = 0
	}
	if r.end == len(r.buf) {
		r.resize(min(2*len(r.buf), MaxFrame+1))
	}
	n, err := r.r.Read(r.buf[r.end:])
	if n == len(r.buf)-r.end && len(r.buf) < maxRead {
		defer r.resize(maxRead)
	}
	r.end += n
	if n > 0 {
		r.empty = 0
		return nil // an error comes again
	}
	if err != nil {
		return err
	}
	if r.empty++; r.empty > 100 {
		return errNoProgress
	}
	return nil
}

// resize moves what is not yet returned into a buffer of n bytes.
func (r *Reader) resize(n int) {
	buf := make([]byte, n)
	r.end = copy(buf, r.buf[r.start:r.end])
	r.start = 0
	r.buf = buf
}
