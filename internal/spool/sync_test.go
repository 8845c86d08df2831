package spool

import (
	"testing"
	"time"
)

// A slowDisk blocks in Sync.
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

// TestMethodsDoNotWaitForSync appends, reads and releases blocks during a sync, also in
// a new segment.
func TestMethodsDoNotWaitForSync(t *testing.T) {
	d := slowDisk{syncing: make(chan struct{}), done: make(chan struct{})}
	o := Config{Dir: t.TempDir(), SegmentBytes: 2 << 10, disk: d}
	l, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	first := appendFrames(t, l, framesOf(0, 3)...)
	synced := make(chan error)
	go func() { synced <- l.Sync() }()
	<-d.syncing

	worked := make(chan struct{})
	go func() {
		defer close(worked)
		for n := 1; n < 20; n++ {
			appendFrames(t, l, framesOf(3*n, 3*n+3)...)
		}
		checkFrames(t, "read", read(t, l, first), framesOf(0, 3))
		release(t, l, first, 2)
		if restored, err := l.Check(); restored || err != nil {
			t.Errorf("Check: %t, %v", restored, err)
		}
	}()
	select {
	case <-worked:
	case <-time.After(20 * time.Second):
		t.Error("a method waits for Sync")
	}
	if n := l.Stats().Segments; n < 3 {
		t.Errorf("%d segments, want at least 3", n)
	}
	checkFrames(t, "after a kill", recoveredIn(t, copyDir(t, o.Dir)), framesOf(2, 60))
	go func() {
		for range d.syncing { // of Close
		}
	}()
	close(d.done)
	if err := <-synced; err != nil {
		t.Error(err)
	}
	<-worked
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	close(d.syncing)
	checkFrames(t, "after a restart", recoveredIn(t, o.Dir), framesOf(2, 60))
}

// TestReleaseDuringSync covers a segment that is released while it is synced.
func TestReleaseDuringSync(t *testing.T) {
	d := slowDisk{syncing: make(chan struct{}), done: make(chan struct{})}
	l, err := Open(Config{Dir: t.TempDir(), disk: d})
	if err != nil {
		t.Fatal(err)
	}
	b := appendFrames(t, l, framesOf(0, 3)...)
	synced := make(chan error)
	go func() { synced <- l.Sync() }()
	<-d.syncing
	release(t, l, b, 3)
	if s := l.Stats(); s.Bytes != 0 || s.Frames != 0 || len(segmentPaths(t, l.dir)) != 0 {
		t.Errorf("%+v", s)
	}
	go func() {
		for range d.syncing {
		}
	}()
	close(d.done)
	if err := <-synced; err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	close(d.syncing)
}

func TestStatsDoesNotWaitForDisk(t *testing.T) {
	d := slowDisk{syncing: make(chan struct{}), done: make(chan struct{})}
	l, err := Open(Config{Dir: t.TempDir(), disk: d})
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
