package spool

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
)

// Each fault of the disk is an error that says where and what to do, costs at
// most the block it hits, and is over when the disk works again.
func TestFaults(t *testing.T) {
	const dirAndHint = "spool: |; check whether the disk is full, read-only or broken"
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
		{"directory removed", []fault{{op: "open", suffix: suffix, err: syscall.ENOENT}}, "begin", "do not remove the directory", 1, false},
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
				l.active = nil // so that the next block begins a segment
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
	l.closeFiles()
	if _, _, err := l.Read(b, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	release(t, l, b, b.Frames)
}
