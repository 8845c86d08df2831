package spool

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
)

// writeFault returns a fault of writes to segments, after some bytes.
func writeFault(err error, wrote int) fault {
	return fault{op: "write", suffix: suffix, err: err, wrote: wrote}
}

// TestFaults checks that each fault of the disk is an error with the directory and a
// hint, costs at most the block that is being written, and does not outlast the fault.
func TestFaults(t *testing.T) {
	tests := []struct {
		name   string
		faults []fault
		op     string   // that fails: append, begin, sync, rotate, read, release
		want   []string // parts of the error
		failed uint64   // operations
		again  bool     // frames of the failed operation are returned after a crash
	}{
		{
			name:   "full, nothing written",
			faults: []fault{writeFault(syscall.ENOSPC, 0)},
			op:     "append",
			want:   []string{"no space left", "spool: ", "; check whether the disk is full, read-only or broken"},
			failed: 1,
		},
		{
			name:   "full, header of a record written",
			faults: []fault{writeFault(syscall.ENOSPC, 7)},
			op:     "append",
			want:   []string{"no space left"},
			failed: 1,
		},
		{
			name:   "full, two frames written",
			faults: []fault{writeFault(syscall.ENOSPC, 230)},
			op:     "append",
			want:   []string{"no space left"},
			failed: 1,
		},
		{
			name:   "broken, cannot be truncated",
			faults: []fault{writeFault(syscall.EIO, 230), {op: "truncate", suffix: suffix, err: syscall.EIO}},
			op:     "append",
			want:   []string{"input/output"},
			failed: 2,
			again:  true,
		},
		{
			name:   "full, new segment",
			faults: []fault{{op: "open", suffix: suffix, err: syscall.ENOSPC}},
			op:     "begin",
			want:   []string{"no space left"},
			failed: 1,
		},
		{
			name:   "full, header of a new segment",
			faults: []fault{writeFault(syscall.ENOSPC, 9)},
			op:     "begin",
			want:   []string{"no space left"},
			failed: 1,
		},
		{
			name:   "full, new segment that cannot be removed",
			faults: []fault{writeFault(syscall.ENOSPC, 300), {op: "remove", suffix: suffix, err: syscall.EIO}},
			op:     "begin",
			want:   []string{"no space left"},
			failed: 2,
		},
		{
			name:   "no permission",
			faults: []fault{{op: "open", suffix: suffix, err: syscall.EACCES}},
			op:     "begin",
			want:   []string{"permission denied; let this process write"},
			failed: 1,
		},
		{
			name:   "directory removed",
			faults: []fault{{op: "open", suffix: suffix, err: syscall.ENOENT}},
			op:     "begin",
			want:   []string{"do not remove the directory"},
			failed: 1,
		},
		{
			name:   "sync",
			faults: []fault{{op: "sync", suffix: suffix, err: syscall.EIO}},
			op:     "sync",
			want:   []string{"input/output"},
			failed: 1,
		},
		{
			name:   "sync of the directory",
			faults: []fault{{op: "syncDir", err: syscall.EIO}},
			op:     "sync",
			want:   []string{"input/output"},
			failed: 1,
		},
		{
			name:   "sync of a full segment",
			faults: []fault{{op: "sync", suffix: suffix, err: syscall.EIO}},
			op:     "rotate",
			want:   []string{"input/output"},
			failed: 2,
		},
		{
			name:   "read",
			faults: []fault{{op: "read", suffix: suffix, err: syscall.ESTALE}},
			op:     "read",
			want:   []string{"stale"},
			failed: 1,
		},
		{
			name:   "cursor cannot be written",
			faults: []fault{{op: "write", suffix: "cursor", err: syscall.EIO}},
			op:     "release",
			want:   []string{"input/output"},
			failed: 1,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := new(faultyDisk)
			o := Config{Dir: t.TempDir(), SegmentBytes: 4 << 10, disk: d}
			l := open(t, o)
			want := framesOf(0, 3)
			first := appendFrames(t, l, want...)
			if tt.op == "begin" {
				l.active = nil // the next block begins a segment
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
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not contain %q: %v", part, err)
				}
			}
			if tt.name != "sync of the directory" && !strings.Contains(err.Error(), o.Dir) {
				t.Errorf("the error does not contain the directory: %v", err)
			}
			if got := l.Stats().Failed; got != tt.failed {
				t.Errorf("%d operations failed, want %d", got, tt.failed)
			}
			got, _ := recovered(t, Config{Dir: copyDir(t, o.Dir)})
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
			if l.Size() != onDisk && !strings.Contains(tt.name, "cannot be removed") {
				t.Errorf("Size is %d, on disk %d", l.Size(), onDisk)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if tt.op == "release" {
				// Releasing the frame again does not write the cursor.
				want = append(framesOf(0, 1), want...)
			}
			got, r := recovered(t, o)
			checkFrames(t, "after a restart", got, want)
			if r.Damage.Ranges != 0 || r.TornBytes != 0 {
				t.Errorf("damage after the restart: %+v", r)
			}
		})
	}
}

// TestCursorCannotBeOpened checks that the log works without the cursor. Released
// frames are returned again.
func TestCursorCannotBeOpened(t *testing.T) {
	d := &faultyDisk{faults: []fault{{op: "open", suffix: "cursor", err: syscall.ENOSPC}}}
	o := Config{Dir: t.TempDir(), disk: d}
	l := open(t, o)
	b := appendFrames(t, l, framesOf(0, 3)...)
	if err := l.Release(b, 1); !errors.Is(err, syscall.ENOSPC) || l.Stats().Failed != 2 || l.Stats().Frames != 2 {
		t.Errorf("Release: %v, %+v", err, l.Stats())
	}
	got, _ := recovered(t, Config{Dir: copyDir(t, o.Dir)})
	checkFrames(t, "after a crash", got, framesOf(0, 3))
	d.set()
	release(t, l, b, 2)
	got, _ = recovered(t, Config{Dir: copyDir(t, o.Dir)})
	checkFrames(t, "after another crash", got, framesOf(2, 3))
}

// TestSegmentCannotBeRemoved checks that a released segment which cannot be removed is
// counted until it is removed later, and that its frames are not returned again.
func TestSegmentCannotBeRemoved(t *testing.T) {
	d := new(faultyDisk)
	o := Config{Dir: t.TempDir(), disk: d}
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
	got, _ := recovered(t, Config{Dir: copyDir(t, o.Dir)})
	checkFrames(t, "after a crash", got, nil)
	d.set()
	b := appendFrames(t, l, frameOf(4))
	if paths := segmentPaths(t, o.Dir); len(paths) != 1 {
		t.Errorf("segments %v, want one", paths)
	}
	release(t, l, b, 1)
	if l.Size() != 0 {
		t.Errorf("Size is %d, want 0", l.Size())
	}
}

// TestBadSector checks that a bad sector costs only the frames in it.
func TestBadSector(t *testing.T) {
	d := new(faultyDisk)
	o := Config{Dir: t.TempDir(), disk: d}
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
			t.Errorf("%d frames are lost, %d are unexpected", lost, len(got))
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
	if r.Damage.Ranges != 1 || r.Damage.Bytes < pageSize {
		t.Errorf("%+v", r)
	}
}

// TestReadDamagedFrames checks that Read leaves out and counts damaged frames, and that
// a block is released when only damaged frames are left.
func TestReadDamagedFrames(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
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
	got, r := recovered(t, Config{Dir: copyDir(t, dir)})
	checkFrames(t, "after a crash", got, append(framesOf(3, 4), framesOf(5, 8)...))
	if r.Damage.Ranges != 1 {
		t.Errorf("%+v", r)
	}
	release(t, l, a, 3)
	if s := l.Stats(); s.Frames != 3 || s.Released != 5 || s.Damaged != 2 {
		t.Errorf("%+v", s)
	}
	os.Remove(path)
	if _, _, err := l.Read(b, nil); err != nil {
		t.Error(err) // the file is still open
	}
	l.closeFiles()
	if _, _, err := l.Read(b, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	release(t, l, b, b.Frames)
}
