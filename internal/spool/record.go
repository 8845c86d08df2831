package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"syscall"
)

const (
	segmentMagic = "SYNSPOOL"
	version      = 1
	headerLen    = 24 // of a segment

	marker    = "\xFF\x00\xF5\x01"
	recordLen = 12 // of a record without its frame

	// maxFrame is the longest frame in bytes, with its NUL: twice what Graylog
	// takes. It bounds what a wrong length makes recovery hold in memory.
	maxFrame = 4 << 20
)

var (
	markerBytes = []byte(marker)
	castagnoli  = crc32.MakeTable(crc32.Castagnoli)
)

// appendHeader appends the header of the segment with an id.
func appendHeader(dst []byte, id uint64) []byte {
	start := len(dst)
	dst = append(dst, segmentMagic...)
	dst = binary.LittleEndian.AppendUint32(dst, version)
	dst = binary.LittleEndian.AppendUint64(dst, id)
	return appendSum(dst, start)
}

// appendSum appends the checksum of dst[start:].
func appendSum(dst []byte, start int) []byte {
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// hasSum says whether the last four bytes of p are the checksum of the others.
func hasSum(p []byte) bool {
	n := len(p) - 4
	return crc32.Checksum(p[:n], castagnoli) == binary.LittleEndian.Uint32(p[n:])
}

// parseHeader returns what the header of a segment says, ok if it is whole.
// Magic, version and checksum are where they are in every version.
func parseHeader(p []byte) (version uint32, id uint64, ok bool) {
	if len(p) < headerLen || string(p[:8]) != segmentMagic || !hasSum(p[:headerLen]) {
		return 0, 0, false
	}
	return binary.LittleEndian.Uint32(p[8:]), binary.LittleEndian.Uint64(p[12:]), true
}

// unwritten says whether p, which is not a whole header, is what a crash leaves
// of one: its beginning, or zeros where data never reached the disk.
func unwritten(p []byte) bool {
	if len(p) < headerLen && string(p[:min(len(p), 8)]) == segmentMagic[:min(len(p), 8)] {
		return true
	}
	return len(bytes.Trim(p, "\x00")) == 0
}

// appendRecord appends the record of a frame.
func appendRecord(dst, frame []byte) []byte {
	dst = append(dst, marker...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(frame)))
	sum := crc32.Update(crc32.Checksum(dst[len(dst)-4:], castagnoli), castagnoli, frame)
	dst = binary.LittleEndian.AppendUint32(dst, sum)
	return append(dst, frame...)
}

// A scanner finds the records of a segment, one after the other, and steps over
// what is damaged. It holds one record in memory.
type scanner struct {
	r   io.ReaderAt
	end int64 // in r
	err error // of r, other than damage

	frame   []byte // of the last record, until the next call of next
	good    int64  // where that ends, or the scan began
	skipped int64  // bytes of damage before it
	places  int    // stretches of damage before it

	pos int64  // in r
	buf []byte // what is buffered from pos on
	mem []byte // where buf is
}

// scan makes the scanner begin anew, with the memory that it has unless a long
// frame made that large.
func (s *scanner) scan(r io.ReaderAt, start, end int64) {
	if cap(s.mem) > 2*minRead {
		s.mem = nil
	}
	*s = scanner{r: r, end: end, good: start, pos: start, mem: s.mem}
}

// next finds the next record. It returns false when there is none left; then
// what lies between good and end is no record.
func (s *scanner) next() bool {
	for s.pos < s.end {
		if n := s.record(); n > 0 {
			if s.pos > s.good {
				s.skipped += s.pos - s.good
				s.places++
			}
			s.skip(n)
			s.good = s.pos
			return true
		}
		if s.err != nil || len(s.buf) == 0 {
			break // the end is nearer than it was said to be
		}
		s.seek()
	}
	return false
}

// record sets frame to that of the record at pos and returns the record's
// length, 0 if it is damaged.
//
// The NUL is looked for first, in twice as many bytes each time. So whatever is
// on the disk, a byte is part of no more than one checksum, and a wrong length
// takes no memory.
func (s *scanner) record() int {
	p := s.window(recordLen)
	if len(p) <= recordLen || string(p[:4]) != marker {
		return 0
	}
	size := int64(binary.LittleEndian.Uint32(p[4:]))
	if size == 0 || size > min(maxFrame, s.end-s.pos-recordLen) {
		return 0
	}
	n := recordLen + int(size)
	for {
		nul := bytes.IndexByte(p[recordLen:min(len(p), n)], 0)
		if nul >= 0 && recordLen+nul == n-1 {
			break
		}
		have := len(p)
		if nul >= 0 || have >= n {
			return 0
		}
		if p = s.window(min(2*have, n)); len(p) == have {
			return 0
		}
	}
	sum := crc32.Update(crc32.Checksum(p[4:8], castagnoli), castagnoli, p[recordLen:n])
	if sum != binary.LittleEndian.Uint32(p[8:]) {
		return 0
	}
	s.frame = p[recordLen:n]
	return n
}

// seek moves on to the next marker after pos.
func (s *scanner) seek() {
	for s.skip(1); ; {
		p := s.window(len(marker))
		if len(p) < len(marker) {
			s.pos = s.end
			return
		}
		if i := bytes.Index(p, markerBytes); i >= 0 {
			s.skip(i)
			return
		}
		s.skip(len(p) - len(marker) + 1)
	}
}

func (s *scanner) skip(n int) {
	s.buf = s.buf[n:]
	s.pos += int64(n)
}

// minRead is how much a scanner reads at once, in bytes, or more for a longer
// frame.
const minRead = 256 << 10

// window returns what is buffered from pos on, at least n bytes unless the
// segment ends before.
func (s *scanner) window(n int) []byte {
	if len(s.buf) >= n || s.pos+int64(len(s.buf)) >= s.end || s.err != nil {
		return s.buf
	}
	if want := max(n, int(min(minRead, s.end-s.pos))); cap(s.mem) < want {
		s.mem = make([]byte, want)
	}
	mem := s.mem[:cap(s.mem)]
	have := copy(mem, s.buf)
	more := mem[have:min(int64(len(mem)), s.end-s.pos)]
	got, err := readAt(s.r, more, s.pos+int64(have))
	s.buf = mem[:have+got]
	switch {
	case errors.Is(err, io.EOF):
		s.end = s.pos + int64(len(s.buf)) // the file is shorter than it was
	case err != nil:
		s.err = err
	}
	return s.buf
}

// pageSize is how much a bad sector costs, in bytes.
const pageSize = 4096

// readAt reads as r.ReadAt does, and over bad sectors: these become zeros, which
// are damage like any other, so that what is behind them is not lost.
func readAt(r io.ReaderAt, p []byte, off int64) (int, error) {
	n, err := r.ReadAt(p, off)
	if !errors.Is(err, syscall.EIO) {
		return n, err
	}
	for n < len(p) {
		page := p[n:min(len(p), n+pageSize-int((off+int64(n))%pageSize))]
		got, err := r.ReadAt(page, off+int64(n))
		switch {
		case errors.Is(err, syscall.EIO):
			clear(page[got:])
		case err != nil:
			return n + got, err
		}
		n += len(page)
	}
	return n, nil
}
