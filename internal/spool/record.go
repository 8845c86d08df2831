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

	// maxFrame is the length of the longest frame in bytes, with its NUL: twice
	// Graylog's limit. It limits the memory that a wrong length can cost.
	maxFrame = 4 << 20
)

var (
	markerBytes = []byte(marker)
	castagnoli  = crc32.MakeTable(crc32.Castagnoli)
)

// appendHeader appends the header of a segment.
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

// hasSum reports whether the last four bytes of p are the checksum of the others.
func hasSum(p []byte) bool {
	n := len(p) - 4
	return crc32.Checksum(p[:n], castagnoli) == binary.LittleEndian.Uint32(p[n:])
}

// parseHeader parses the header of a segment, and reports whether it is intact. All
// versions have the same header.
func parseHeader(p []byte) (version uint32, id uint64, ok bool) {
	if len(p) < headerLen || string(p[:8]) != segmentMagic || !hasSum(p[:headerLen]) {
		return 0, 0, false
	}
	return binary.LittleEndian.Uint32(p[8:]), binary.LittleEndian.Uint64(p[12:]), true
}

// unwritten reports whether p can be a header that a crash left incomplete: its
// first bytes, or zeros instead of data that never reached the disk.
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

// A scanner finds the records of a segment one by one, and skips damage. It keeps
// one record in memory.
type scanner struct {
	r   io.ReaderAt
	end int64 // in r
	err error // of r, except damage

	frame         []byte // of the last record, until the next call of next
	validEnd      int64  // end of the last record, or start of the scan
	damagedBytes  int64  // before validEnd
	damagedRanges int    // before validEnd

	pos int64  // in r
	buf []byte // buffered bytes from pos on
	mem []byte // the memory of buf
}

// scan restarts the scanner. It reuses the memory unless a long frame has made it
// large.
func (s *scanner) scan(r io.ReaderAt, start, end int64) {
	if cap(s.mem) > 2*minRead {
		s.mem = nil
	}
	*s = scanner{r: r, end: end, validEnd: start, pos: start, mem: s.mem}
}

// next finds the next record. It returns false after the last record; then there is
// no intact record between validEnd and end.
func (s *scanner) next() bool {
	for s.pos < s.end {
		if n := s.record(); n > 0 {
			if s.pos > s.validEnd {
				s.damagedBytes += s.pos - s.validEnd
				s.damagedRanges++
			}
			s.skip(n)
			s.validEnd = s.pos
			return true
		}
		if s.err != nil || len(s.buf) == 0 {
			break // the file is shorter than end
		}
		s.seek()
	}
	return false
}

// record sets frame to the frame of the record at pos, and returns the length of the
// record, or 0 if it is damaged.
//
// It searches for the NUL first, in twice as many bytes each time. So each byte on
// the disk is part of at most one checksum, and a wrong length costs no memory.
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

// seek moves pos to the next marker.
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

// minRead is the number of bytes that a scanner reads at once. It reads more for a
// longer frame.
const minRead = 256 << 10

// window returns the buffered bytes from pos on: at least n bytes, unless the segment
// ends first.
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
		s.end = s.pos + int64(len(s.buf)) // the file is shorter than end
	case err != nil:
		s.err = err
	}
	return s.buf
}

// pageSize is the number of bytes that are lost with a bad sector.
const pageSize = 4096

// readAt is like r.ReadAt, but returns zeros for bad sectors. The zeros are treated
// like other damage, and the bytes after them are not lost.
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
