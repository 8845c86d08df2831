package spool

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// segmentOf returns the bytes of a segment with frames.
func segmentOf(id uint64, frames ...string) []byte {
	p := appendHeader(nil, id)
	for _, frame := range frames {
		p = appendRecord(p, []byte(frame))
	}
	return p
}

// A segment that ends anywhere holds the frames that are whole, and can be
// followed by others.
func TestTornTail(t *testing.T) {
	frames := framesOf(0, 6)
	data := segmentOf(7, frames...)
	for size := len(data) - 200; size <= len(data); size++ {
		o := Options{Dir: t.TempDir(), disk: quick}
		writeFile(t, filepath.Join(o.Dir, segmentName(1)), data[:size])
		whole := 0
		for len(segmentOf(7, frames[:whole+1]...)) <= size {
			if whole++; whole == len(frames) {
				break
			}
		}
		torn := int64(size - len(segmentOf(7, frames[:whole]...)))
		l := open(t, o)
		if r := l.Recovered(); r.Frames != whole || r.TornBytes != torn || r.Skipped.Places != 0 {
			t.Fatalf("%d bytes: %+v; want %d frames, %d bytes torn", size, r, whole, torn)
		}
		if info, err := os.Stat(filepath.Join(o.Dir, segmentName(1))); err != nil || info.Size() != int64(size)-torn || l.Size() != info.Size() {
			t.Fatalf("%d bytes: %v on disk, Size %d", size, info.Size(), l.Size())
		}
		appendFrames(t, l, frameOf(9))
		l.Close()
		got, r := recovered(t, o)
		checkFrames(t, "after the tail was cut", got, append(slices.Clone(frames[:whole]), frameOf(9)))
		if r.TornBytes != 0 {
			t.Fatalf("%d bytes are torn still", r.TornBytes)
		}
	}
}

// Headers that a crash cut short or left blank are no foreign files.
func TestTornHeader(t *testing.T) {
	header := appendHeader(nil, 7)
	for size := range headerLen + 1 {
		for _, data := range [][]byte{header[:size], make([]byte, size), make([]byte, 1000*size)} {
			o := Options{Dir: t.TempDir(), disk: quick}
			writeFile(t, filepath.Join(o.Dir, segmentName(1)), data)
			got, r := recovered(t, o)
			if len(got) != 0 || r.Foreign != 0 || len(segmentPaths(t, o.Dir)) != 0 {
				t.Errorf("%d bytes: %d frames, %+v, left: %v", len(data), len(got), r, segmentPaths(t, o.Dir))
			}
		}
	}
}

// A flipped byte costs the frame it is in, wherever it is; all the bits of it,
// or one.
func TestFlippedByte(t *testing.T) {
	frames := framesOf(0, 8)
	data := segmentOf(7, frames...)
	o := Options{Dir: t.TempDir(), disk: quick}
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
			if r.Skipped.Places == 0 && r.TornBytes == 0 {
				t.Fatalf("byte %d flipped: no damage in %+v", i, r)
			}
		}
	}
}

// What else may be found in the directory.
func TestDamage(t *testing.T) {
	a, b := framesOf(0, 5), framesOf(5, 10)
	first, second := segmentOf(1, a...), segmentOf(3, b...)
	record := func(size uint32, payload string) string {
		p := binary.LittleEndian.AppendUint32([]byte(marker), size)
		return string(p) + "\x00\x00\x00\x00" + payload
	}
	cursorOf := func(id, off uint64) []byte {
		p := binary.LittleEndian.AppendUint64([]byte(cursorMagic), id)
		return appendSum(binary.LittleEndian.AppendUint64(p, off), 0)
	}
	off := uint64(len(segmentOf(1, a[:2]...)))
	both := append(slices.Clone(a), b...)
	flipped := func(p []byte, i int) []byte {
		p = slices.Clone(p)
		p[i] ^= 4
		return p
	}
	tests := []struct {
		name  string
		files map[string][]byte // beside first and second
		want  []string
		r     Recovery // without Blocks, Frames, Bytes
	}{
		{"nothing", nil, both, Recovery{}},
		{"a file of another name", map[string][]byte{"notes.txt": []byte("mine")}, both, Recovery{Foreign: 1}},
		{"almost a segment's name", map[string][]byte{"00000000002.spool": second, "+00000000003.spool": nil, "000000000001.spoo": nil}, both, Recovery{Foreign: 3}},
		{"another magic", map[string][]byte{segmentName(3): []byte(strings.Repeat("SQLite format 3\x00", 99))}, both, Recovery{Foreign: 1}},
		{"a short file", map[string][]byte{segmentName(3): []byte("mine")}, both, Recovery{Foreign: 1}},
		{"a gap in the numbers", map[string][]byte{segmentName(77): segmentOf(5, frameOf(10))}, framesOf(0, 11), Recovery{}},
		{"a lost cursor", map[string][]byte{"cursor": nil}, both, Recovery{}},
		{"a torn cursor", map[string][]byte{"cursor": cursorOf(1, off)[:20]}, both, Recovery{}},
		{"a damaged cursor", map[string][]byte{"cursor": flipped(cursorOf(1, off), 17)}, both, Recovery{}},
		{"a cursor", map[string][]byte{"cursor": cursorOf(1, off)}, both[2:], Recovery{}},
		{"a cursor in the second segment", map[string][]byte{"cursor": cursorOf(3, uint64(len(segmentOf(3, b[:2]...))))}, append(slices.Clone(a), b[2:]...), Recovery{}},
		{"a cursor within the header", map[string][]byte{"cursor": cursorOf(1, 3)}, both, Recovery{}},
		{"a cursor of another segment", map[string][]byte{"cursor": cursorOf(9, off)}, both, Recovery{}},
		{"a cursor at the end", map[string][]byte{"cursor": cursorOf(1, uint64(len(first)))}, b, Recovery{}},
		{"a cursor behind the end", map[string][]byte{"cursor": cursorOf(1, 1<<62)}, b, Recovery{}},
		{"a cursor before the beginning", map[string][]byte{"cursor": cursorOf(1, 1<<63)}, both, Recovery{}},
		{"no header", map[string][]byte{segmentName(1): first[headerLen:]}, both, Recovery{}},
		{"the first 90 bytes blank", map[string][]byte{segmentName(1): append(make([]byte, 90), first[90:]...)}, both[1:],
			Recovery{Skipped: Skipped{int64(len(segmentOf(1, a[0]))), 1}}},
		{"the tail of an older segment torn", map[string][]byte{segmentName(1): first[:len(first)-1]}, slices.Delete(slices.Clone(both), 4, 5),
			Recovery{Skipped: Skipped{int64(recordLen + len(a[4]) - 1), 1}}},
		{"a blank tail", map[string][]byte{segmentName(2): append(slices.Clone(second), make([]byte, 5000)...)}, both, Recovery{TornBytes: 5000}},
		{"bytes inserted", map[string][]byte{segmentName(1): slices.Insert(slices.Clone(first), int(off), []byte("inserted")...)}, both,
			Recovery{Skipped: Skipped{8, 1}}},
		{"two places", map[string][]byte{segmentName(1): slices.Insert(flipped(first, headerLen+20), int(off), 1, 2, 3)}, both[1:],
			Recovery{Skipped: Skipped{int64(recordLen + len(a[0]) + 3), 2}}},
		{"lengths that are wrong", map[string][]byte{segmentName(2): append(slices.Clone(second),
			record(0, "")+record(1<<31, "x")+record(maxFrame, strings.Repeat("x", 100))+record(3, "xxxx")+record(1, "\x00")+strings.Repeat(marker, 9)...)},
			both, Recovery{TornBytes: 5*recordLen + 106 + 36}},
		{"a record without its NUL", map[string][]byte{segmentName(2): append(appendRecord(slices.Clone(second), []byte("torn")), segmentOf(1, frameOf(10))[headerLen:]...)},
			framesOf(0, 11), Recovery{Skipped: Skipped{recordLen + 4, 1}}},
		{"a record of two frames", map[string][]byte{segmentName(2): appendRecord(slices.Clone(second), []byte("a\x00b\x00"))}, both, Recovery{TornBytes: recordLen + 4}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Dir: t.TempDir(), disk: quick}
			writeFile(t, filepath.Join(o.Dir, segmentName(1)), first)
			writeFile(t, filepath.Join(o.Dir, segmentName(2)), second)
			for name, data := range tt.files {
				writeFile(t, filepath.Join(o.Dir, name), data)
			}
			got, r := recovered(t, o)
			checkFrames(t, "frames", got, tt.want)
			r.Blocks, r.Frames, r.Bytes = 0, 0, 0
			if diff := cmp.Diff(tt.r, r); diff != "" {
				t.Errorf("Recovery (-want +got):\n%s", diff)
			}
			for name, data := range tt.files {
				left, err := os.ReadFile(filepath.Join(o.Dir, name))
				if tt.r.Foreign > 0 && (err != nil || string(left) != string(data)) {
					t.Errorf("%s was changed: %v", name, err)
				}
			}
			l := open(t, o)
			appendFrames(t, l, frameOf(50))
			for _, b := range l.Pending() {
				release(t, l, b, b.Frames)
			}
			l.Close()
			got, _ = recovered(t, o)
			checkFrames(t, "after all that was recovered is released", got, framesOf(50, 51))
		})
	}
}

// A directory and a link with the name of a segment are not the spool's, and no
// segment is written over one.
func TestForeignNames(t *testing.T) {
	o := Options{Dir: t.TempDir(), disk: quick}
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
		t.Errorf("Append without a number left: %v", err)
	}
}

// Recovered frames are grouped for one write each.
func TestRecoveredBlocks(t *testing.T) {
	o := Options{Dir: t.TempDir(), SegmentBytes: 300 << 10}
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

// FuzzRecover takes any bytes for a segment. Frames that come back have their
// checksum; what was appended to it comes back behind them.
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
		o := Options{Dir: t.TempDir(), disk: quick}
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

// A segment of nothing but records whose lengths are wrong is read once, without
// memory for what they promise.
func TestWrongLengths(t *testing.T) {
	o := Options{Dir: t.TempDir(), disk: quick}
	record := binary.LittleEndian.AppendUint32([]byte(marker), maxFrame)
	record = append(record, "sum-payload"...)
	path := filepath.Join(o.Dir, segmentName(1))
	writeFile(t, path, append(appendHeader(nil, 1), strings.Repeat(string(record), (16<<20)/len(record))...))
	l := open(t, o)
	if r := l.Recovered(); r.Frames != 0 || r.TornBytes == 0 || cap(l.scanner.mem) > minRead {
		t.Errorf("%+v with %d bytes of memory", r, cap(l.scanner.mem))
	}
}
