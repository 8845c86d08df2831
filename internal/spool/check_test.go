package spool

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// skipWithoutRemoval skips a test on systems that do not remove open files.
func skipWithoutRemoval(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not remove or rename files that are open")
	}
}

// TestCheckRestores covers a directory, and files in it, that are removed or replaced
// while in use. Check must detect it and write every frame again.
func TestCheckRestores(t *testing.T) {
	skipWithoutRemoval(t)
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name   string
		remove func(t *testing.T, dir string)
	}{
		{"directory removed", func(t *testing.T, dir string) { must(t, os.RemoveAll(dir)) }},
		{
			"directory and its parent removed",
			func(t *testing.T, dir string) { must(t, os.RemoveAll(filepath.Dir(dir))) },
		},
		{"directory replaced", func(t *testing.T, dir string) {
			must(t, os.RemoveAll(dir))
			must(t, os.Mkdir(dir, 0o700))
		}},
		{"directory renamed", func(t *testing.T, dir string) { must(t, os.Rename(dir, dir+".old")) }},
		{"directory replaced by one with segments", func(t *testing.T, dir string) {
			must(t, os.Rename(dir, dir+".old"))
			must(t, os.Mkdir(dir, 0o700))
			writeFile(t, filepath.Join(dir, segmentName(2)), []byte("mine"))
			writeFile(t, filepath.Join(dir, segmentName(400)), []byte("mine"))
		}},
		{"all files removed", func(t *testing.T, dir string) {
			for _, path := range append(
				segmentPaths(t, dir),
				filepath.Join(dir, "lock"),
				filepath.Join(dir, "cursor"),
			) {
				must(t, os.Remove(path))
			}
		}},
		{"lock removed", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "lock"))) }},
		{"cursor replaced", func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "cursor")))
			writeFile(t, filepath.Join(dir, "cursor"), nil)
		}},
		{"oldest segment removed", func(t *testing.T, dir string) { must(t, os.Remove(segmentPaths(t, dir)[0])) }},
		{"a segment replaced", func(t *testing.T, dir string) {
			path := segmentPaths(t, dir)[1]
			must(t, os.Remove(path))
			writeFile(t, path, []byte("mine"))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "a", "b")
			o := Config{Dir: dir, SegmentBytes: 1 << 10}
			l := open(t, o)
			var blocks []Block
			for n := range 10 {
				blocks = append(blocks, appendFrames(t, l, framesOf(10*n, 10*n+10)...))
			}
			release(t, l, blocks[0], 4)
			if restored, err := l.Check(); restored || err != nil {
				t.Fatalf("Check of an intact spool: %t, %v", restored, err)
			}

			tt.remove(t, dir)
			if restored, err := l.Check(); !restored || err != nil {
				t.Fatalf("Check: %t, %v", restored, err)
			}
			if restored, err := l.Check(); restored || err != nil {
				t.Fatalf("second Check: %t, %v", restored, err)
			}
			if _, err := Open(o); !errors.Is(err, ErrLocked) {
				t.Errorf("Open of the directory: %v, want ErrLocked", err)
			}
			checkFrames(t, "after a kill", recoveredIn(t, copyDir(t, dir)), framesOf(4, 100))

			for i, b := range blocks {
				checkFrames(t, "read", read(t, l, b), framesOf(10*i, 10*i+10))
			}
			appendFrames(t, l, framesOf(100, 105)...)
			release(t, l, blocks[0], 6)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			checkFrames(t, "after a restart", recoveredIn(t, dir), framesOf(6, 105))
			for _, path := range segmentPaths(t, dir) {
				if string(readFile(t, path)) == "mine" {
					return
				}
			}
			if strings.Contains(tt.name, "with segments") || strings.Contains(tt.name, "segment replaced") {
				t.Error("a foreign file was removed")
			}
		})
	}
}

// recoveredIn returns the frames in a directory.
func recoveredIn(t *testing.T, dir string) []string {
	t.Helper()
	frames, _ := recovered(t, Config{Dir: dir})
	return frames
}

// TestCheckWhileLocked covers a directory that was replaced and is now locked by
// another Log: appends fail until the other is closed, then all frames are written.
func TestCheckWhileLocked(t *testing.T) {
	skipWithoutRemoval(t)
	o := Config{Dir: filepath.Join(t.TempDir(), "a")}
	l := open(t, o)
	b := appendFrames(t, l, framesOf(0, 5)...)
	if err := os.Rename(o.Dir, o.Dir+".old"); err != nil {
		t.Fatal(err)
	}
	other := open(t, o)
	appendFrames(t, other, framesOf(10, 15)...)
	for range 2 {
		if restored, err := l.Check(); restored || !errors.Is(err, ErrLocked) {
			t.Fatalf("Check: %t, %v, want ErrLocked", restored, err)
		}
		if _, err := l.Append([]byte(frameOf(5))); !errors.Is(err, ErrLocked) {
			t.Fatalf("Append: %v, want ErrLocked", err)
		}
	}
	checkFrames(t, "read while locked", read(t, l, b), framesOf(0, 5))
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if restored, err := l.Check(); !restored || err != nil {
		t.Fatalf("Check: %t, %v", restored, err)
	}
	appendFrames(t, l, framesOf(5, 7)...)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	checkFrames(t, "after a restart", recoveredIn(t, o.Dir), append(framesOf(10, 15), framesOf(0, 7)...))
}

// TestCheckReportsLoss checks that Check fails until it can write the segments again,
// and that it reports segments whose files were closed as lost.
func TestCheckReportsLoss(t *testing.T) {
	skipWithoutRemoval(t)
	d := new(faultyDisk)
	o := Config{Dir: filepath.Join(t.TempDir(), "a"), SegmentBytes: 1 << 10, disk: d}
	l := open(t, o)
	var blocks []Block
	for n := range maxOpen + 6 {
		blocks = append(blocks, appendFrames(t, l, framesOf(10*n, 10*n+10)...))
	}
	if err := l.Sync(); err != nil { // files that are synced can be closed
		t.Fatal(err)
	}
	blocks = append(blocks, appendFrames(t, l, framesOf(10*len(blocks), 10*len(blocks)+10)...))
	if l.openFiles != maxOpen || l.Stats().Segments != len(blocks) {
		t.Fatalf("%d files are open for %d segments", l.openFiles, l.Stats().Segments)
	}
	if err := os.RemoveAll(o.Dir); err != nil {
		t.Fatal(err)
	}
	d.set(fault{op: "write", suffix: suffix, err: syscall.ENOSPC})
	for range 2 {
		if _, err := l.Check(); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("Check on a full disk: %v", err)
		}
		if _, err := l.Append([]byte(frameOf(1))); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("Append before the segments are written again: %v", err)
		}
	}
	d.set()
	restored, err := l.Check()
	for !restored || err != nil { // reports the loss once
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "were removed while in use") {
			t.Fatalf("Check: %t, %v", restored, err)
		}
		restored, err = true, nil
	}
	var want []string
	lost := 0
	for n, b := range blocks {
		if l.Lost(b) {
			lost++
			continue
		}
		want = append(want, framesOf(10*n, 10*n+10)...)
	}
	if lost != len(blocks)-maxOpen {
		t.Errorf("%d of %d blocks are lost, want %d", lost, len(blocks), len(blocks)-maxOpen)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	checkFrames(t, "after a restart", recoveredIn(t, o.Dir), want)
}

// TestPrependComesFirst checks that prepended frames come first after a restart.
func TestPrependComesFirst(t *testing.T) {
	o := Config{Dir: t.TempDir()}
	for round := range 3 {
		l := open(t, o)
		if round == 0 {
			appendFrames(t, l, framesOf(10, 15)...)
		}
		if p := l.Pending(); len(p) > 0 {
			release(t, l, p[0], 1)
		}
		b, err := l.Prepend([]byte(strings.Join(framesOf(8-round, 10-round), "")))
		if err != nil {
			t.Fatal(err)
		}
		checkFrames(t, "read", read(t, l, b), framesOf(8-round, 10-round))
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// Each round released the first frame and prepended two others. The last round
	// replaced the cursor of the second one, so a released frame is returned again.
	want := append(framesOf(6, 8), frameOf(8), frameOf(8), frameOf(9))
	want = append(want, framesOf(10, 15)...)
	checkFrames(t, "after a restart", recoveredIn(t, o.Dir), want)
}

// TestPrependWithoutFreeNumber checks that frames are appended if a foreign file has the
// number before the first segment.
func TestPrependWithoutFreeNumber(t *testing.T) {
	o := Config{Dir: t.TempDir(), MaxBytes: 2 << 10}
	l := open(t, o)
	appendFrames(t, l, framesOf(10, 12)...)
	writeFile(t, filepath.Join(o.Dir, segmentName(reservedNumbers)), []byte("mine"))
	if _, err := l.Prepend([]byte(frameOf(9))); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Prepend(make([]byte, 4<<10)); !errors.Is(err, ErrFull) {
		t.Errorf("Prepend of more than MaxBytes: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	checkFrames(t, "after a restart", recoveredIn(t, o.Dir), append(framesOf(10, 12), frameOf(9)))
	if _, err := l.Prepend([]byte(frameOf(9))); !errors.Is(err, ErrClosed) {
		t.Errorf("Prepend after Close: %v", err)
	}
}
