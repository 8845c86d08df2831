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

func TestAppendReadRelease(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	l := open(t, Config{Dir: dir})
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
		t.Errorf("Append of an incomplete frame: %+v", got)
	}
	if _, err := l.Append(nil); err == nil {
		t.Error("Append of nothing is not an error")
	}
	if _, err := l.Append([]byte(strings.Repeat("x", maxFrame) + "\x00")); err == nil {
		t.Error("Append of a frame that is too long is not an error")
	}

	if err := l.Release(b, 5); err == nil {
		t.Error("Release of the second block before the first is not an error")
	}
	release(t, l, a, 10)
	release(t, l, a, 10)
	if got := l.Stats().Frames; got != 5 {
		t.Errorf("%d frames in the log, want 5", got)
	}
	release(t, l, b, 5)
	want := Stats{Appended: 15, Released: 15}
	if diff := cmp.Diff(want, l.Stats()); diff != "" {
		t.Errorf("Stats (-want +got):\n%s", diff)
	}
	if paths := segmentPaths(t, dir); len(paths) != 0 {
		t.Errorf("segments %v, want none", paths)
	}
	if _, _, err := l.Read(a, nil); err == nil {
		t.Error("Read of a released block is not an error")
	}

	c := appendFrames(t, l, frameOf(20))
	checkFrames(t, "after everything was released", read(t, l, c), framesOf(20, 21))
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
	got, _ := recovered(t, Config{Dir: dir})
	checkFrames(t, "after a restart", got, framesOf(20, 21))
}

// TestReleasePartOfBlock covers a block that is appended, and one that is recovered.
func TestReleasePartOfBlock(t *testing.T) {
	o := Config{Dir: t.TempDir()}
	l := open(t, o)
	a := appendFrames(t, l, framesOf(0, 10)...)
	appendFrames(t, l, framesOf(10, 20)...)
	for _, n := range []int{0, 3, 3, 2, 7} {
		release(t, l, a, n)
	}
	if s := l.Stats(); s.Frames != 13 || s.Released != 7 {
		t.Errorf("%+v, want 13 in the log and 7 released", s)
	}
	l.Close()

	l = open(t, o)
	if got := l.Pending(); len(got) != 1 || got[0].Frames != 13 {
		t.Fatalf("pending %+v, want one block of 13 frames", got)
	}
	b := l.Pending()[0]
	release(t, l, b, 2)
	if got := l.Pending(); len(got) != 1 {
		t.Fatalf("pending %+v after a part was released", got)
	}
	crashed := copyDir(t, o.Dir)
	got, _ := recovered(t, Config{Dir: crashed})
	checkFrames(t, "after a crash", got, framesOf(9, 20))
	release(t, l, b, b.Frames)
	if got := l.Pending(); len(got) != 0 || l.Size() != 0 {
		t.Fatalf("pending %+v and %d bytes after all was released", got, l.Size())
	}
}

// TestMaxBytes checks that a full spool rejects blocks until a segment is released.
func TestMaxBytes(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir, MaxBytes: 8 << 10, SegmentBytes: 1 << 10})
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
	checkFrames(t, "after a segment was released", read(t, l, b), framesOf(next, next+1))
	if _, err := l.Append(make([]byte, 16<<10)); !errors.Is(err, ErrFull) {
		t.Errorf("a block longer than the spool: %v", err)
	}
}

// TestLongFrames covers blocks that are longer than a segment.
func TestLongFrames(t *testing.T) {
	o := Config{Dir: t.TempDir(), SegmentBytes: 4 << 10}
	l := open(t, o)
	var want []string
	for _, n := range []int{0, 1, 5 << 10, 300 << 10, 2 << 20, maxFrame - 1, 7} {
		frame := strings.Repeat("y", n) + "\x00"
		want = append(want, frame)
		if b := appendFrames(t, l, frame); read(t, l, b)[0] != frame {
			t.Fatalf("a frame of %d bytes was changed", n)
		}
	}
	l.Close()
	got, _ := recovered(t, o)
	if strings.Join(got, "") != strings.Join(want, "") {
		t.Error("frames were changed by a restart")
	}
}

func TestOpenErrors(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	writeFile(t, plain, nil)
	used := t.TempDir()
	open(t, Config{Dir: used})
	newer := t.TempDir()
	header := appendHeader(nil, 1)[:headerLen-4]
	header[8] = 9
	writeFile(t, filepath.Join(newer, segmentName(3)), appendSum(header, 0))
	withFault := func(op string, err error) disk {
		return &faultyDisk{faults: []fault{{op: op, suffix: suffix, err: err}}}
	}
	for _, tt := range []struct {
		o    Config
		want string // a part of the error
		is   error
	}{
		{Config{}, "spool: Dir is empty: set a directory", nil},
		{Config{Dir: "-1", MaxBytes: -1}, "must not be negative", nil},
		{Config{Dir: plain}, "not a directory", nil},
		{Config{Dir: filepath.Join(plain, "x")}, "not a directory", nil},
		{Config{Dir: used}, "use one directory per handler", ErrLocked},
		{Config{Dir: newer}, "has version 9 of the format, and this program reads version 1", nil},
		{Config{Dir: newer, disk: withFault("read", syscall.ESTALE)}, "stale", nil},
		{Config{Dir: newer, disk: withFault("open", syscall.EACCES)}, "let this process", fs.ErrPermission},
	} {
		l, err := Open(tt.o)
		if err == nil {
			l.Close()
			t.Errorf("Open(%+v) is not an error", tt.o)
			continue
		}
		text := err.Error()
		if !strings.HasPrefix(
			text,
			"spool: ",
		) || !strings.Contains(text, tt.want) || !strings.Contains(text, tt.o.Dir) {
			t.Errorf("Open(%+v): %v; want %q", tt.o, err, tt.want)
		}
		if tt.is != nil && !errors.Is(err, tt.is) {
			t.Errorf("Open(%+v): %v is not %v", tt.o, err, tt.is)
		}
	}
	if err := os.Remove(filepath.Join(newer, segmentName(3))); err != nil {
		t.Fatal(err)
	}
	open(t, Config{Dir: newer}) // not locked by the failed Open
}

// TestConcurrentUse calls all methods concurrently. Blocks keep their order.
func TestConcurrentUse(t *testing.T) {
	l := open(t, Config{Dir: t.TempDir(), SegmentBytes: 16 << 10, disk: quick})
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
