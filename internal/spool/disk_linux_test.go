package spool

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// mountTmpfs mounts a file system of one megabyte in memory.
func mountTmpfs(t *testing.T, flags uintptr) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, "size=1m"); err != nil {
		t.Skipf("mount tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// TestFullDisk checks that a log on a full disk rejects blocks, keeps its blocks, and
// accepts others after a segment was released.
func TestFullDisk(t *testing.T) {
	o := Config{Dir: mountTmpfs(t, 0), SegmentBytes: 200 << 10}
	l := open(t, o)
	fill := func(n int) (want []string, blocks []Block) {
		for ; ; n += 30 {
			b, err := l.Append([]byte(strings.Join(framesOf(n, n+30), "")))
			if errors.Is(err, syscall.ENOSPC) {
				return want, blocks
			}
			if err != nil {
				t.Fatal(err)
			}
			want, blocks = append(want, framesOf(n, n+30)...), append(blocks, b)
		}
	}
	want, blocks := fill(0)
	if len(blocks) < 100 {
		t.Fatalf("%d blocks fit", len(blocks))
	}
	for i := range 5 {
		if _, err := l.Append([]byte(strings.Join(framesOf(i, i+50), ""))); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("Append on a full disk: %v", err)
		}
	}
	segments := l.Stats().Segments
	for l.Stats().Segments == segments {
		release(t, l, blocks[0], blocks[0].Frames)
		want, blocks = want[blocks[0].Frames:], blocks[1:]
	}
	more, moreBlocks := fill(5000)
	if len(moreBlocks) < 10 {
		t.Errorf("%d blocks fit after a segment was released", len(moreBlocks))
	}
	want, blocks = append(want, more...), append(blocks, moreBlocks...)
	release(t, l, blocks[0], 3)
	var read []byte
	for _, b := range blocks {
		var damaged int
		var err error
		if read, damaged, err = l.Read(b, read); damaged != 0 || err != nil {
			t.Fatalf("Read: %d damaged, %v", damaged, err)
		}
	}
	checkFrames(t, "read", split(read), want)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got, r := recovered(t, o)
	checkFrames(t, "after a restart", got, want[3:])
	if r.Damage.Ranges != 0 || r.TornBytes != 0 {
		t.Errorf("%d of %d frames, %+v", len(got), len(want), r)
	}
}

func TestReadOnlyFileSystem(t *testing.T) {
	dir := mountTmpfs(t, syscall.MS_RDONLY)
	for _, dir := range []string{dir, filepath.Join(dir, "new")} {
		_, err := Open(Config{Dir: dir})
		if !errors.Is(err, syscall.EROFS) || !strings.Contains(err.Error(), dir) {
			t.Errorf("Open on a read-only file system: %v", err)
		}
	}
}

func TestReadOnlyDirectory(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root can write to any directory")
	}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	_, err := Open(Config{Dir: closed})
	if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "let this process write") {
		t.Errorf("Open of a read-only directory: %v", err)
	}
}
