package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is appended is read, released, and gone from the disk.
func TestAppendReadRelease(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	l := open(t, Options{Dir: dir})
	a := appendFrames(t, l, framesOf(0, 10)...)
	b := appendFrames(t, l, framesOf(10, 15)...)
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	checkFrames(t, "first block", read(t, l, a), framesOf(0, 10))
	checkFrames(t, "second block", read(t, l, b), framesOf(10, 15))
	if a.Frames != 10 || a.Bytes != len(strings.Join(framesOf(0, 10), "")) {
		t.Errorf("block %+v", a)
	}
	if info, err := os.Stat(segmentPaths(t, dir)[0]); err != nil || l.Size() != info.Size() {
		t.Errorf("Size is %d, %v; on disk %d", l.Size(), err, info.Size())
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v", info.Mode())
	}
	if got, err := l.Append([]byte("no NUL")); err == nil {
		t.Errorf("Append of a torn frame: %+v", got)
	}
	if _, err := l.Append(nil); err == nil {
		t.Error("Append of nothing is no error")
	}
	if _, err := l.Append(append(make([]byte, 0, maxFrame+1), strings.Repeat("x", maxFrame)+"\x00"...)); err == nil {
		t.Error("Append of a frame that is too long is no error")
	}

	if err := l.Release(b, 5); err == nil {
		t.Error("Release of the second block before the first is no error")
	}
	release(t, l, a, 10)
	release(t, l, a, 10)
	if got := l.Stats().Frames; got != 5 {
		t.Errorf("%d frames are held, want 5", got)
	}
	release(t, l, b, 5)
	want := Stats{Appended: 15, Released: 15}
	if diff := cmp.Diff(want, l.Stats()); diff != "" {
		t.Errorf("Stats (-want +got):\n%s", diff)
	}
	if paths := segmentPaths(t, dir); len(paths) != 0 {
		t.Errorf("%v is left", paths)
	}
	if _, _, err := l.Read(a, nil); err == nil {
		t.Error("Read of a released block is no error")
	}

	c := appendFrames(t, l, frameOf(20))
	checkFrames(t, "after all was released", read(t, l, c), framesOf(20, 21))
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := l.Append([]byte(frameOf(1)))
	_, _, readErr := l.Read(c, nil)
	for _, err := range []error{err, readErr, l.Sync(), l.Release(c, 1)} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
	got, _ := recovered(t, Options{Dir: dir})
	checkFrames(t, "after a restart", got, framesOf(20, 21))
}

// Progress within a block, in its segment, and in the recovered one.
func TestReleasePart(t *testing.T) {
	o := Options{Dir: t.TempDir()}
	l := open(t, o)
	a := appendFrames(t, l, framesOf(0, 10)...)
	appendFrames(t, l, framesOf(10, 20)...)
	for _, n := range []int{0, 3, 3, 2, 7} {
		release(t, l, a, n)
	}
	if s := l.Stats(); s.Frames != 13 || s.Released != 7 {
		t.Errorf("%+v, want 13 held and 7 released", s)
	}
	l.Close()

	l = open(t, o)
	if got := l.Pending(); len(got) != 1 || got[0].Frames != 13 {
		t.Fatalf("pending %+v, want one of 13 frames", got)
	}
	b := l.Pending()[0]
	release(t, l, b, 2)
	if got := l.Pending(); len(got) != 1 {
		t.Fatalf("pending %+v after a part was released", got)
	}
	crashed := copyDir(t, o.Dir)
	got, _ := recovered(t, Options{Dir: crashed})
	checkFrames(t, "after a crash", got, framesOf(9, 20))
	release(t, l, b, b.Frames)
	if got := l.Pending(); len(got) != 0 || l.Size() != 0 {
		t.Fatalf("pending %+v and %d bytes after all was released", got, l.Size())
	}
}

// Segments bound what a full spool holds, and give it back oldest first.
func TestFull(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Options{Dir: dir, MaxBytes: 8 << 10, SegmentBytes: 1 << 10})
	var blocks []Block
	var err error
	for n := 0; err == nil; n++ {
		var b Block
		if b, err = l.Append([]byte(frameOf(n))); err == nil {
			blocks = append(blocks, b)
		}
	}
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), dir) {
		t.Fatal(err)
	}
	if s := l.Stats(); s.Full != 1 || s.Failed != 0 || s.Segments < 8 || s.Bytes > 8<<10 || s.Bytes < 7<<10 {
		t.Errorf("%+v", s)
	}
	next, segments := len(blocks), l.Stats().Segments
	for i := 0; l.Stats().Segments == segments; i++ {
		release(t, l, blocks[i], 1)
	}
	b := appendFrames(t, l, frameOf(next))
	checkFrames(t, "after room came back", read(t, l, b), framesOf(next, next+1))
	if _, err := l.Append(make([]byte, 16<<10)); !errors.Is(err, ErrFull) {
		t.Errorf("a block longer than the spool: %v", err)
	}
}

// A block longer than a segment has one of its own.
func TestLongFrames(t *testing.T) {
	o := Options{Dir: t.TempDir(), SegmentBytes: 4 << 10}
	l := open(t, o)
	var want []string
	for _, n := range []int{0, 1, 5 << 10, 300 << 10, 2 << 20, maxFrame - 1, 7} {
		frame := strings.Repeat("y", n) + "\x00"
		want = append(want, frame)
		if b := appendFrames(t, l, frame); read(t, l, b)[0] != frame {
			t.Fatalf("a frame of %d bytes is not what was appended", n)
		}
	}
	l.Close()
	got, _ := recovered(t, o)
	if strings.Join(got, "") != strings.Join(want, "") {
		t.Error("the frames differ after a restart")
	}
}

// Each fault of the disk is an error that says where and what to do, costs at
// most the block it hits, and is over when the disk works again.
func TestFaults(t *testing.T) {
	const dirAndHint = "spool: |; see whether the disk is full, read-only or broken"
	tests := []struct {
		name   string
		faults []fault
		op     string // that fails: append, begin, sync, rotate, read, release, none
		want   string // parts of the error, by |
		failed uint64
		again  bool // frames of the failed operation come again after a crash
	}{
		{"full, nothing written", []fault{{op: "write", suffix: suffix, err: syscall.ENOSPC}}, "append", "no space left|" + dirAndHint, 1, false},
		{"full, header of a record written", []fault{{op: "write", suffix: suffix, err: syscall.ENOSPC, wrote: 7}}, "append", "no space left", 1, false},
		{"full, two frames written", []fault{{op: "write", suffix: suffix, err: syscall.ENOSPC, wrote: 230}}, "append", "no space left", 1, false},
		{"broken, nothing can be cut off", []fault{{op: "write", suffix: suffix, err: syscall.EIO, wrote: 230}, {op: "truncate", suffix: suffix, err: syscall.EIO}}, "append", "input/output", 2, true},
		{"full, new segment", []fault{{op: "open", suffix: suffix, err: syscall.ENOSPC}}, "begin", "no space left", 1, false},
		{"full, header of a new segment", []fault{{op: "write", suffix: suffix, err: syscall.ENOSPC, wrote: 9}}, "begin", "no space left", 1, false},
		{"full, new segment that stays", []fault{{op: "write", suffix: suffix, err: syscall.ENOSPC, wrote: 300}, {op: "remove", suffix: suffix, err: syscall.EIO}}, "begin", "no space left", 2, false},
		{"no permission", []fault{{op: "open", suffix: suffix, err: syscall.EACCES}}, "begin", "permission denied; let this process write", 1, false},
		{"directory removed", []fault{{op: "open", suffix: suffix, err: syscall.ENOENT}}, "begin", "the directory has to stay", 1, false},
		{"sync", []fault{{op: "sync", suffix: suffix, err: syscall.EIO}}, "sync", "input/output", 1, false},
		{"sync of the directory", []fault{{op: "syncDir", err: syscall.EIO}}, "sync", "input/output", 1, false},
		{"sync of a segment that is full", []fault{{op: "sync", suffix: suffix, err: syscall.EIO}}, "rotate", "input/output", 2, false},
		{"read", []fault{{op: "read", suffix: suffix, err: syscall.ESTALE}}, "read", "stale", 1, false},
		{"cursor cannot be written", []fault{{op: "write", suffix: "cursor", err: syscall.EIO}}, "release", "input/output", 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := new(faultyDisk)
			o := Options{Dir: t.TempDir(), SegmentBytes: 4 << 10, disk: d}
			l := open(t, o)
			want := framesOf(0, 3)
			first := appendFrames(t, l, want...)
			if tt.op == "begin" {
				l.retire() // so that the next block begins a segment
			}
			d.set(tt.faults...)
			var err error
			switch tt.op {
			case "append", "begin":
				_, err = l.Append([]byte(strings.Join(framesOf(10, 14), "")))
			case "sync":
				err = l.Sync()
			case "rotate":
				long := strings.Repeat("z", 5<<10) + "\x00"
				appendFrames(t, l, long)
				want = append(want, long)
				err = l.Sync()
			case "read":
				_, _, err = l.Read(first, nil)
			case "release":
				err = l.Release(first, 1)
			}
			if err == nil {
				t.Fatal("no error")
			}
			for part := range strings.SplitSeq(tt.want, "|") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in the error: %v", part, err)
				}
			}
			if !strings.HasPrefix(err.Error(), "spool: ") || tt.name != "sync of the directory" && !strings.Contains(err.Error(), o.Dir) {
				t.Errorf("the error does not say where: %v", err)
			}
			if got := l.Stats().Failed; got != tt.failed {
				t.Errorf("%d operations failed, want %d", got, tt.failed)
			}
			got, _ := recovered(t, Options{Dir: copyDir(t, o.Dir)})
			if tt.again {
				checkFrames(t, "after a crash", got[:len(want)], want)
			} else {
				checkFrames(t, "after a crash", got, want)
			}

			d.set()
			if err := l.Sync(); err != nil {
				t.Fatalf("Sync when the disk works again: %v", err)
			}
			checkFrames(t, "the block before the fault", read(t, l, first), framesOf(0, 3))
			b := appendFrames(t, l, framesOf(20, 23)...)
			checkFrames(t, "the block after the fault", read(t, l, b), framesOf(20, 23))
			want = append(want, framesOf(20, 23)...)
			if tt.op == "release" {
				want = want[1:]
				release(t, l, first, 1)
			}
			var onDisk int64
			for _, path := range segmentPaths(t, o.Dir) {
				onDisk += int64(len(readFile(t, path)))
			}
			if l.Size() != onDisk && !strings.Contains(tt.name, "stays") {
				t.Errorf("Size is %d, on disk %d", l.Size(), onDisk)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if tt.op == "release" {
				// Release of what is released does not write the cursor again.
				want = append(framesOf(0, 1), want...)
			}
			got, r := recovered(t, o)
			checkFrames(t, "after a restart", got, want)
			if r.Skipped.Places != 0 || r.TornBytes != 0 {
				t.Errorf("damage is left: %+v", r)
			}
		})
	}
}

// Without a cursor the log works, and released frames come again.
func TestNoCursor(t *testing.T) {
	d := &faultyDisk{faults: []fault{{op: "open", suffix: "cursor", err: syscall.ENOSPC}}}
	o := Options{Dir: t.TempDir(), disk: d}
	l := open(t, o)
	b := appendFrames(t, l, framesOf(0, 3)...)
	if err := l.Release(b, 1); !errors.Is(err, syscall.ENOSPC) || l.Stats().Failed != 2 || l.Stats().Frames != 2 {
		t.Errorf("Release: %v, %+v", err, l.Stats())
	}
	got, _ := recovered(t, Options{Dir: copyDir(t, o.Dir)})
	checkFrames(t, "after a crash", got, framesOf(0, 3))
	d.set()
	release(t, l, b, 2)
	got, _ = recovered(t, Options{Dir: copyDir(t, o.Dir)})
	checkFrames(t, "after another crash", got, framesOf(2, 3))
}

// A released segment that cannot be removed is removed later, and counted until
// then; it does not come again.
func TestRemoveFails(t *testing.T) {
	d := new(faultyDisk)
	o := Options{Dir: t.TempDir(), disk: d}
	l := open(t, o)
	a := appendFrames(t, l, framesOf(0, 3)...)
	size := l.Size()
	d.set(fault{op: "remove", suffix: suffix, err: syscall.EIO})
	if err := l.Release(a, 3); !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	if l.Size() != size || l.Stats().Frames != 0 {
		t.Errorf("%+v", l.Stats())
	}
	got, _ := recovered(t, Options{Dir: copyDir(t, o.Dir)})
	checkFrames(t, "after a crash", got, nil)
	d.set()
	b := appendFrames(t, l, frameOf(4))
	if paths := segmentPaths(t, o.Dir); len(paths) != 1 {
		t.Errorf("%v is left", paths)
	}
	release(t, l, b, 1)
	if l.Size() != 0 {
		t.Errorf("%d bytes are left", l.Size())
	}
}

// A bad sector costs what is in it.
func TestBadSector(t *testing.T) {
	d := new(faultyDisk)
	o := Options{Dir: t.TempDir(), disk: d}
	l := open(t, o)
	want := framesOf(0, 200)
	b := appendFrames(t, l, want...)
	check := func(got []string) {
		t.Helper()
		lost := 0
		for _, frame := range want {
			if len(got) > 0 && got[0] == frame {
				got = got[1:]
			} else {
				lost++
			}
		}
		if len(got) != 0 || lost < 30 || lost > 60 {
			t.Errorf("%d frames are lost, %d are left over", lost, len(got))
		}
	}
	d.set(fault{op: "read", suffix: suffix, err: syscall.EIO, from: 2 * pageSize})
	frames, damaged, err := l.Read(b, nil)
	if err != nil || damaged+len(split(frames)) != 200 || l.Stats().Damaged != uint64(damaged) {
		t.Errorf("Read: %d frames, %d damaged, %v", len(split(frames)), damaged, err)
	}
	check(split(frames))
	l.Close()
	got, r := recovered(t, o)
	check(got)
	if r.Skipped.Places != 1 || r.Skipped.Bytes < pageSize {
		t.Errorf("%+v", r)
	}
}

// Damaged frames are left out and counted, and a block without any others left
// is released as a whole.
func TestReadDamaged(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Options{Dir: dir})
	a := appendFrames(t, l, framesOf(0, 5)...)
	b := appendFrames(t, l, framesOf(5, 8)...)
	path := segmentPaths(t, dir)[0]
	data := readFile(t, path)
	for _, n := range []int{1, 4} {
		data[strings.Index(string(data), frameOf(n))]++
	}
	writeFile(t, path, data)
	frames, damaged, err := l.Read(a, []byte("dst"))
	if err != nil || damaged != 2 {
		t.Errorf("Read: %d damaged, %v", damaged, err)
	}
	checkFrames(t, "damaged block", split(frames), []string{"dst" + frameOf(0), frameOf(2), frameOf(3)})
	release(t, l, a, 2)
	got, r := recovered(t, Options{Dir: copyDir(t, dir)})
	checkFrames(t, "after a crash", got, append(framesOf(3, 4), framesOf(5, 8)...))
	if r.Skipped.Places != 1 {
		t.Errorf("%+v", r)
	}
	release(t, l, a, 3)
	if s := l.Stats(); s.Frames != 3 || s.Released != 5 || s.Damaged != 2 {
		t.Errorf("%+v", s)
	}
	os.Remove(path)
	if _, _, err := l.Read(b, nil); err != nil {
		t.Error(err) // the file is open
	}
	l.retire()
	if _, _, err := l.Read(b, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	release(t, l, b, b.Frames)
}

func TestOpenErrors(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	writeFile(t, plain, nil)
	used := t.TempDir()
	open(t, Options{Dir: used})
	newer := t.TempDir()
	header := appendHeader(nil, 1)[:headerLen-4]
	header[8] = 9
	writeFile(t, filepath.Join(newer, segmentName(3)), appendSum(header, 0))
	for _, tt := range []struct {
		o    Options
		want string
		is   error
	}{
		{Options{}, "spool: no directory: set Dir", nil},
		{Options{Dir: "-1", MaxBytes: -1}, "must not be negative", nil},
		{Options{Dir: plain}, "not a directory", nil},
		{Options{Dir: filepath.Join(plain, "x")}, "not a directory", nil},
		{Options{Dir: used}, "give each process a directory of its own", ErrLocked},
		{Options{Dir: newer}, "has version 9 of the format, and this program knows version 1", nil},
		{Options{Dir: newer, disk: &faultyDisk{faults: []fault{{op: "read", suffix: suffix, err: syscall.ESTALE}}}}, "stale", nil},
		{Options{Dir: newer, disk: &faultyDisk{faults: []fault{{op: "open", suffix: suffix, err: syscall.EACCES}}}}, "let this process", fs.ErrPermission},
	} {
		l, err := Open(tt.o)
		if err == nil {
			l.Close()
			t.Errorf("Open(%+v) is no error", tt.o)
			continue
		}
		if !strings.HasPrefix(err.Error(), "spool: ") || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), tt.o.Dir) {
			t.Errorf("Open(%+v): %v; want %q", tt.o, err, tt.want)
		}
		if tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("Open(%+v): %v is not %v", tt.o, err, tt.is)
		}
	}
	if err := os.Remove(filepath.Join(newer, segmentName(3))); err != nil {
		t.Fatal(err)
	}
	open(t, Options{Dir: newer}) // it is not locked
}

// All methods at once; blocks keep their order.
func TestConcurrent(t *testing.T) {
	l := open(t, Options{Dir: t.TempDir(), SegmentBytes: 16 << 10, disk: quick})
	blocks := make(chan Block, 16)
	stop := make(chan struct{})
	var senders, watchers sync.WaitGroup
	senders.Go(func() {
		defer close(blocks)
		for n := range 500 {
			b, err := l.Append([]byte(strings.Join(framesOf(n*5, n*5+5), "")))
			if err != nil {
				t.Error(err)
				return
			}
			blocks <- b
		}
	})
	senders.Go(func() {
		n := 0
		for b := range blocks {
			frames, damaged, err := l.Read(b, nil)
			if want := strings.Join(framesOf(n, n+5), ""); string(frames) != want || damaged != 0 || err != nil {
				t.Errorf("Read: %q, %d damaged, %v", frames, damaged, err)
			}
			for _, part := range []int{2, 5} {
				if err := l.Release(b, part); err != nil {
					t.Error(err)
				}
			}
			n += 5
		}
	})
	for _, f := range []func() error{
		l.Sync,
		func() error { l.Pending(); l.Recovered(); return nil },
		func() error {
			if s := l.Stats(); s.Frames != int64(s.Appended-s.Released) || l.Size() < 0 {
				return fmt.Errorf("%+v", s)
			}
			return nil
		},
	} {
		watchers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := f(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senders.Wait()
	close(stop)
	watchers.Wait()
	if s := l.Stats(); s.Appended != 2500 || s.Released != 2500 || s.Bytes != 0 || s.Failed != 0 {
		t.Errorf("%+v", s)
	}
}

// A slowDisk waits in Sync.
type slowDisk struct {
	osDisk
	syncing, done chan struct{}
}

func (d slowDisk) open(path string, flag int) (file, error) {
	f, err := d.osDisk.open(path, flag)
	return slowFile{f, d}, err
}

type slowFile struct {
	file
	d slowDisk
}

func (f slowFile) Sync() error {
	f.d.syncing <- struct{}{}
	<-f.d.done
	return nil
}

// Who asks for figures does not wait for the disk.
func TestStatsDoesNotWait(t *testing.T) {
	d := slowDisk{syncing: make(chan struct{}), done: make(chan struct{})}
	l, err := Open(Options{Dir: t.TempDir(), disk: d})
	if err != nil {
		t.Fatal(err)
	}
	appendFrames(t, l, framesOf(0, 3)...)
	closed := make(chan error)
	go func() { closed <- l.Close() }()
	<-d.syncing
	if s := l.Stats(); s.Frames != 3 || l.Size() == 0 || l.Recovered().Frames != 0 {
		t.Errorf("%+v", s)
	}
	close(d.done)
	for {
		select {
		case <-d.syncing:
		case err := <-closed:
			if err != nil {
				t.Error(err)
			}
			return
		}
	}
}
