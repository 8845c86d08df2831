package delivery

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/internal/spool"
)

// spoolInterval is shorter than the default to speed up the tests.
const spoolInterval = 200 * time.Millisecond

// spooled returns a configuration with a spool.
func spooled(s *gelftest.Server, dir string) handler.Config {
	return handler.Config{Server: s.URL(), Delivery: delivery.Config{
		SpoolDir: dir, SpoolInterval: spoolInterval, QueueBytes: 4 << 20, MaxBackoff: 200 * time.Millisecond,
	}}
}

// TestSpoolOutage checks that an outage that exceeds the memory loses nothing.
func TestSpoolOutage(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	s.Stop()
	opts := spooled(s, t.TempDir())
	opts.Delivery.QueueBytes = 1 << 20
	l := newLoad(t, opts)
	for range 30 {
		for range 1_000 {
			l.log()
		}
		// A thousand records fit into the memory, however busy the machine is.
		waitFor(t, "the records are on disk", func() bool { return l.h.Stats().Spooled == uint64(l.count) })
	}
	if stats := l.h.Stats(); stats.QueuedBytes < 4*uint64(opts.Delivery.QueueBytes) || stats.Dropped.Total() != 0 {
		t.Errorf("counted %+v, want at least four times QueueBytes on disk", stats)
	}
	s.Start()
	nothingLost(t, l.account(t, s))
}

// TestSpoolRestart checks that the records left at Close are delivered first after a
// restart.
func TestSpoolRestart(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	s.Stop()
	dir := t.TempDir()
	opts := spooled(s, dir)
	opts.Delivery.QueueBytes = 8 << 20 // for 5000 at once
	l := newLoad(t, opts)
	for range 5_000 {
		l.log()
	}
	if err := shutdownWithin(t, l.h, time.Minute); err != nil {
		t.Errorf("Shutdown returns %v, want nil because the records are on disk", err)
	}
	if stats := l.h.Stats(); stats.Queued != 5_000 || stats.Spooled != 5_000 || stats.Dropped.Total() != 0 {
		t.Errorf("after Shutdown %+v, want 5000 records queued on disk", stats)
	}
	s.Start()
	again := newLoad(t, spooled(s, dir))
	again.count = l.count
	for range 100 {
		again.log()
	}
	nothingLost(t, again.account(t, s))
	if stats := again.h.Stats(); stats.Accepted != 5_100 || stats.Spooled != 0 {
		t.Errorf("after the restart %+v, want 5100 accepted, including those of the former handler", stats)
	}
}

// TestSpoolFull checks that records are counted when the spool is full, and that Err
// returns the reason.
func TestSpoolFull(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	s.Stop()
	opts := spooled(s, t.TempDir())
	opts.Delivery.SpoolBytes = 1 << 20
	l := newLoad(t, opts)
	waitFor(t, "records are dropped because the spool is full", func() bool {
		for range 1000 {
			l.log()
		}
		return l.h.Stats().Dropped.QueueFull > 0 && errors.Is(l.h.Err(), spool.ErrFull)
	})
	if stats := l.h.Stats(); stats.SpoolBytes > 1<<20 {
		t.Errorf("the spool has %d bytes, want at most %d", stats.SpoolBytes, 1<<20)
	}
	s.Start()
	waitFor(t, "Err returns nil again", func() bool { return l.h.Err() == nil })
	led := l.account(t, s)
	inOrder(t, led)
	if led.lost != 0 || led.dropped == 0 {
		t.Errorf("%d records lost without being counted, %d dropped; want 0 and at least 1", led.lost, led.dropped)
	}
}

// TestSpoolUnusable checks that records stay in memory if the spool cannot be used, and
// that Err returns the reason.
func TestSpoolUnusable(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := gelftest.NewServer(t)
	l := newLoad(t, spooled(s, filepath.Join(file, "dir")))
	waitFor(t, "Err returns the error of the spool", func() bool {
		return l.h.Err() != nil && strings.Contains(l.h.Err().Error(), "spool")
	})
	for range 100 {
		l.log()
	}
	nothingLost(t, l.account(t, s))

	locked := t.TempDir()
	first, second := newLoad(t, spooled(s, locked)), newLoad(t, spooled(s, locked))
	waitFor(t, "one of two handlers reports the locked spool", func() bool {
		return first.h.Err() != nil || second.h.Err() != nil
	})
}

// TestSpoolDamaged checks that the undamaged records of a damaged spool are delivered.
func TestSpoolDamaged(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	s.Stop()
	dir := t.TempDir()
	opts := spooled(s, dir)
	opts.Delivery.QueueBytes = 8 << 20 // for 5000 at once
	l := newLoad(t, opts)
	for range 5_000 {
		l.log()
	}
	if err := shutdownWithin(t, l.h, time.Minute); err != nil {
		t.Fatal(err)
	}
	segments, err := filepath.Glob(filepath.Join(dir, "*.spool"))
	if err != nil || len(segments) == 0 {
		t.Fatalf("%d segments, %v", len(segments), err)
	}
	for range 5 {
		data, err := os.ReadFile(segments[0])
		if err != nil {
			t.Fatal(err)
		}
		data[1000+rand.IntN(len(data)-2000)] ^= 0xFF
		if err := os.WriteFile(segments[0], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.Start()
	again := newLoad(t, spooled(s, dir))
	waitFor(t, "the undamaged records arrive", func() bool { return len(unique(numbers(t, s))) >= 4_990 })
	if err := shutdownWithin(t, again.h, 10*time.Second); err != nil {
		t.Error(err)
	}
	if n := disorder(numbers(t, s)); n != 0 {
		t.Errorf("%d records out of order", n)
	}
}
