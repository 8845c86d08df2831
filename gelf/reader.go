package gelf

import (
	"bytes"
	"fmt"
	"io"
)

// Sizes of a [Reader]'s buffer in bytes. It begins small and grows when the connection
// sends enough to fill it.
const (
	minRead = 4 << 10
	maxRead = 64 << 10
)

// A FrameError describes a frame at which Graylog closes the connection. Graylog loses
// the data that the sender has already sent after this frame, except perhaps for data
// that it had read together with the frame.
type FrameError struct {
	// Offset is the position of the frame in the stream, in bytes.
	Offset int64
	// Reason describes the problem.
	Reason string
}

func (e *FrameError) Error() string {
	return fmt.Sprintf("gelf: frame at byte %d of the stream: %s", e.Offset, e.Reason)
}

// A Reader splits a stream into frames, each terminated by a NUL, like a GELF TCP
// input. It is not safe for concurrent use.
//
// A Reader starts with a few kilobytes of memory. It grows its buffer for a long frame,
// up to [MaxFrame], and shrinks it after the frame.
type Reader struct {
	r          io.Reader
	buf        []byte
	start, end int   // buf[start:end] is not returned yet
	seen       int   // buf[start:start+seen] contains no NUL
	offset     int64 // of buf[start] in the stream
	empty      int   // consecutive reads without data
	err        error
}

// NewReader returns a Reader of the frames in r.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: r}
}

// Next returns the next frame without its NUL. The slice is valid until the next call.
//
// At the end of the stream, the error is [io.EOF]. Data without a NUL before the end is
// the last frame, like in Graylog. A frame that is too long, empty or a single byte is
// a [*FrameError]: a server should close the connection, and every further call returns
// the same error. Other errors are those of the underlying reader. After a temporary
// error, such as an expired deadline, call Next again to continue.
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

// take returns the frame of n bytes at the start and skips it and its delimiter.
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

// fill reads from the stream once. It makes room in the buffer first.
func (r *Reader) fill() error {
	switch {
	case r.start == r.end && (r.buf == nil || len(r.buf) > maxRead):
		r.resize(max(minRead, min(len(r.buf), maxRead)))
	case len(r.buf) > maxRead && r.end-r.start <= maxRead/2: // after a long frame
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
		return nil // the next read returns the error again
	}
	if err != nil {
		return err
	}
	if r.empty++; r.empty > 100 {
		return io.ErrNoProgress
	}
	return nil
}

// resize moves the data that is not returned yet into a buffer of n bytes.
func (r *Reader) resize(n int) {
	buf := make([]byte, n)
	r.end = copy(buf, r.buf[r.start:r.end])
	r.start = 0
	r.buf = buf
}
