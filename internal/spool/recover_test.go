package spool

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// segmentOf returns a segment with frames.
func segmentOf(id uint64, frames ...string) []byte {
	p := appendHeader(nil, id)
	for _, frame := range frames {
		p = appendRecord(p, []byte(frame))
	}
	return p
}

// TestIncompleteSegment truncates a segment at each offset. Its whole frames must be
// recovered, and frames can be appended.
func TestIncompleteSegment(t *testing.T) {
	frames := framesOf(0, 6)
	data := segmentOf(7, frames...)
	for size := len(data) - 200; size <= len(data); size++ {
		o := Config{Dir: t.TempDir(), disk: quick}
		writeFile(t, filepath.Join(o.Dir, segmentName(1)), data[:size])
		whole := 0
		for len(segmentOf(7, frames[:whole+1]...)) <= size {
			if whole++; whole == len(frames) {
				break
			}
		}
		torn := int64(size - len(segmentOf(7, frames[:whole]...)))
		l := open(t, o)
		if r := l.Recovered(); r.Frames != whole || r.TornBytes != torn || r.Damage.Ranges != 0 {
			t.Fatalf("%d bytes: %+v; want %d frames, %d bytes torn", size, r, whole, torn)
		}
		info, err := os.Stat(filepath.Join(o.Dir, segmentName(1)))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() != int64(size)-torn || l.Size() != info.Size() {
			t.Fatalf("%d bytes: %v on disk, Size %d", size, info.Size(), l.Size())
		}
		appendFrames(t, l, frameOf(9))
		l.Close()
		got, r := recovered(t, o)
		checkFrames(t, "after a restart", got, append(slices.Clone(frames[:whole]), frameOf(9)))
		if r.TornBytes != 0 {
			t.Fatalf("%d torn bytes after a restart", r.TornBytes)
		}
	}
}

// TestIncompleteHeader checks that headers which a crash left incomplete or zero are not
// treated as foreign files.
func TestIncompleteHeader(t *testing.T) {
	header := appendHeader(nil, 7)
	for size := range headerLen + 1 {
		for _, data := range [][]byte{header[:size], make([]byte, size), make([]byte, 1000*size)} {
			o := Config{Dir: t.TempDir(), disk: quick}
			writeFile(t, filepath.Join(o.Dir, segmentName(1)), data)
			got, r := recovered(t, o)
			if len(got) != 0 || r.Foreign != 0 || len(segmentPaths(t, o.Dir)) != 0 {
				t.Errorf("%d bytes: %d frames, %+v, left: %v", len(data), len(got), r, segmentPaths(t, o.Dir))
			}
		}
	}
}

// TestFlippedByte flips one bit and all bits of each byte of a segment. Only the frame
// with this byte may be lost.
func TestFlippedByte(t *testing.T) {
	frames := framesOf(0, 8)
	data := segmentOf(7, frames...)
	o := Config{Dir: t.TempDir(), disk: quick}
	path := filepath.Join(o.Dir, segmentName(1))
	for i := range data {
		for _, flip := range []byte{0xFF, 1 << (i % 8)} {
			damaged := slices.Clone(data)
			damaged[i] ^= flip
			writeFile(t, path, damaged)
			want, size := slices.Clone(frames), headerLen
			for n, frame := range frames {
				if size <= i && i < size+recordLen+len(frame) {
					want = slices.Delete(want, n, n+1)
				}
				size += recordLen + len(frame)
			}
			got, r := recovered(t, o)
			checkFrames(t, fmt.Sprintf("byte %d flipped by %#x", i, flip), got, want)
			if r.Damage.Ranges == 0 && r.TornBytes == 0 {
				t.Fatalf("byte %d flipped: no damage in %+v", i, r)
			}
		}
	}
}

// TestForeignFilesWithSegmentNames covers a directory, a link and a file with the names
// of segments. They must not be changed.
func TestForeignFilesWithSegmentNames(t *testing.T) {
	o := Config{Dir: t.TempDir(), disk: quick}
	if err := os.Mkdir(filepath.Join(o.Dir, segmentName(1)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(o.Dir, segmentName(2))); err != nil {
		t.Skip(err)
	}
	l := open(t, o)
	if r := l.Recovered(); r.Foreign != 2 {
		t.Errorf("%+v", r)
	}
	writeFile(t, filepath.Join(o.Dir, segmentName(3)), []byte("mine"))
	appendFrames(t, l, frameOf(1))
	if got := string(readFile(t, filepath.Join(o.Dir, segmentName(3)))); got != "mine" {
		t.Errorf("the file was changed: %q", got)
	}
	l.Close()
	got, r := recovered(t, o)
	checkFrames(t, "frames", got, framesOf(1, 2))
	if r.Foreign != 3 {
		t.Errorf("%+v", r)
	}
	writeFile(t, filepath.Join(o.Dir, segmentName(maxNumber)), []byte("mine"))
	l = open(t, o)
	if _, err := l.Append([]byte(frameOf(2))); err == nil || !strings.Contains(err.Error(), "move that file away") {
		t.Errorf("Append without a free number: %v", err)
	}
}

// TestRecoveredBlocks checks that recovered frames are grouped into blocks.
func TestRecoveredBlocks(t *testing.T) {
	o := Config{Dir: t.TempDir(), SegmentBytes: 300 << 10}
	l := open(t, o)
	for n := range 5000 {
		appendFrames(t, l, frameOf(n))
	}
	long := strings.Repeat("x", 100<<10) + "\x00"
	appendFrames(t, l, long)
	l.Close()
	l = open(t, o)
	r := l.Recovered()
	if r.Frames != 5001 || r.Blocks != len(l.Pending()) || r.Blocks > int(r.Bytes>>15) {
		t.Errorf("%+v, %d pending", r, len(l.Pending()))
	}
	for i, b := range l.Pending() {
		if b.Bytes > blockSize && b.Frames > 1 {
			t.Errorf("block %d: %+v", i, b)
		}
	}
}

// FuzzRecover opens a segment of any bytes. Recovered frames must have their checksums,
// and frames that are appended must be recovered after them.
func FuzzRecover(f *testing.F) {
	data := segmentOf(7, framesOf(0, 4)...)
	f.Add(data)
	f.Add(data[headerLen:])
	f.Add(data[:len(data)-3])
	f.Add(append(slices.Clone(data), make([]byte, 100)...))
	f.Add([]byte(strings.Repeat(marker+"\x10\x00\x00\x00", 20)))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		var want []string
		for i := range data {
			p := data[i:]
			if len(p) <= recordLen || string(p[:4]) != marker {
				continue
			}
			n := int64(binary.LittleEndian.Uint32(p[4:])) + recordLen
			if n <= int64(len(p)) && string(appendRecord(nil, p[recordLen:n])) == string(p[:n]) {
				want = append(want, string(p[recordLen:n]))
			}
		}
		o := Config{Dir: t.TempDir(), disk: quick}
		path := filepath.Join(o.Dir, segmentName(1))
		writeFile(t, path, data)
		l, err := Open(o)
		if err != nil {
			if _, _, ok := parseHeader(data); !ok {
				t.Fatal(err)
			}
			return // another version
		}
		for _, b := range l.Pending() {
			for _, frame := range read(t, l, b) {
				i := slices.Index(want, frame)
				if i < 0 {
					t.Fatalf("frame %q has no checksum", frame)
				}
				want = want[i+1:]
			}
		}
		if r := l.Recovered(); r.Foreign > 0 && string(readFile(t, path)) != string(data) {
			t.Fatal("a foreign file was changed")
		}
		appendFrames(t, l, frameOf(1))
		before := l.Recovered().Frames
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		got, r := recovered(t, o)
		if len(got) != before+1 || got[before] != frameOf(1) || r.TornBytes != 0 {
			t.Fatalf("%d frames, then one was appended, then %d: %+v", before, len(got), r)
		}
	})
}

// TestWrongLengthsCostNoMemory reads a segment of records that claim to be much longer
// than they are.
func TestWrongLengthsCostNoMemory(t *testing.T) {
	o := Config{Dir: t.TempDir(), disk: quick}
	record := binary.LittleEndian.AppendUint32([]byte(marker), maxFrame)
	record = append(record, "sum-payload"...)
	path := filepath.Join(o.Dir, segmentName(1))
	writeFile(t, path, append(appendHeader(nil, 1), strings.Repeat(string(record), (16<<20)/len(record))...))
	l := open(t, o)
	if r := l.Recovered(); r.Frames != 0 || r.TornBytes == 0 || cap(l.scanner.mem) > minRead {
		t.Errorf("%+v with %d bytes of memory", r, cap(l.scanner.mem))
	}
}
