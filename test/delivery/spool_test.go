package delivery

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/internal/spool"
)

// spoolInterval is short, for the tests to be.
const spoolInterval = 200 * time.Millisecond

func spooled(s *gelftest.Server, dir string) handler.Config {
	return handler.Config{Server: s.URL(), Delivery: delivery.Config{
		SpoolDir: dir, SpoolInterval: spoolInterval, QueueBytes: 4 << 20, MaxBackoff: 200 * time.Millisecond,
	}}
}

// An outage that lasts longer than memory does costs nothing.
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
		// However busy the machine is, memory has room for a thousand records.
		waitFor(t, "the records to be on disk", func() bool { return l.h.Stats().Spooled == uint64(l.count) })
	}
	if stats := l.h.Stats(); stats.QueuedBytes < 4*uint64(opts.Delivery.QueueBytes) || stats.Dropped.Total() != 0 {
		t.Errorf("counted %+v, want four times as much on disk as memory has room for", stats)
	}
	s.Start()
	nothingLost(t, l.account(t, s))
}

// What is left at Close comes first after a restart.
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
		t.Errorf("Shutdown: %v; the records are on disk, which is no error", err)
	}
	if stats := l.h.Stats(); stats.Queued != 5_000 || stats.Spooled != 5_000 || stats.Dropped.Total() != 0 {
		t.Errorf("after Close %+v, want 5000 records queued on disk", stats)
	}
	s.Start()
	again := newLoad(t, spooled(s, dir))
	again.count = l.count
	for range 100 {
		again.log()
	}
	nothingLost(t, again.account(t, s))
	if stats := again.h.Stats(); stats.Accepted != 5_100 || stats.Spooled != 0 {
		t.Errorf("after the restart %+v, want 5100 accepted, those of the former process among them", stats)
	}
}

// A spool that is full, or cannot be used, does no harm: its records are
// counted or kept in memory, and the error says so.
func TestSpoolFull(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	s.Stop()
	opts := spooled(s, t.TempDir())
	opts.Delivery.SpoolBytes = 1 << 20
	l := newLoad(t, opts)
	waitFor(t, "records to be dropped because the spool is full", func() bool {
		for range 1000 {
			l.log()
		}
		return l.h.Stats().Dropped.QueueFull > 0 && errors.Is(l.h.Err(), spool.ErrFull)
	})
	if stats := l.h.Stats(); stats.SpoolBytes > 1<<20 {
		t.Errorf("the spool has %d bytes, want at most %d", stats.SpoolBytes, 1<<20)
	}
	s.Start()
	waitFor(t, "Err to be nil again", func() bool { return l.h.Err() == nil })
	led := l.account(t, s)
	inOrder(t, led)
	if led.lost != 0 || led.dropped == 0 {
		t.Errorf("%d lost without being counted, %d counted", led.lost, led.dropped)
	}
}

func TestSpoolUnusable(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := gelftest.NewServer(t)
	l := newLoad(t, spooled(s, filepath.Join(file, "dir")))
	waitFor(
		t,
		"the error in Err",
		func() bool { return l.h.Err() != nil && strings.Contains(l.h.Err().Error(), "spool") },
	)
	for range 100 {
		l.log()
	}
	nothingLost(t, l.account(t, s))

	locked := t.TempDir()
	first, second := newLoad(t, spooled(s, locked)), newLoad(t, spooled(s, locked))
	waitFor(t, "one of two to be refused", func() bool { return first.h.Err() != nil || second.h.Err() != nil })
}

// A damaged spool gives what is whole.
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
	waitFor(t, "the rest", func() bool { return len(unique(numbers(t, s))) >= 4_990 })
	if err := shutdownWithin(t, again.h, 10*time.Second); err != nil {
		t.Error(err)
	}
	if n := disorder(numbers(t, s)); n != 0 {
		t.Errorf("%d out of order", n)
	}
}

// writeTime is how long the goroutine that writes may wait for a processor and for
// the file system.
const writeTime = time.Second

// killEnv has the test binary be the process that is killed: its value is the
// address of the server and the directory.
const killEnv = "SYNLOGGER_TEST_KILL"

// TestKilledProcess is that process: it logs numbered records until it is
// killed, and tells each number when Handle has returned.
func TestKilledProcess(t *testing.T) {
	arg := os.Getenv(killEnv)
	if arg == "" {
		return // not the process that is killed
	}
	addr, dir, _ := strings.Cut(arg, " ")
	h, err := handler.New(handler.Config{Server: addr, Logger: "TTP_fault", Delivery: delivery.Config{
		SpoolDir: dir, SpoolInterval: spoolInterval, OnError: func(error) {},
	}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	first, _ := strconv.Atoi(os.Getenv(killEnv + "_FIRST"))
	for i := first; ; i++ {
		slog.New(h).Info("Round finished", "i", i)
		fmt.Println(i)
		time.Sleep(200 * time.Microsecond)
	}
}

// runKilled starts the process and kills it after a time. It returns the number of the next
// record, and the records that must not be lost, with their age at the kill.
func runKilled(
	t *testing.T, url, dir string, first int, after time.Duration,
) (next int, safe map[int]time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
	cmd.Env = append(os.Environ(), killEnv+"="+url+" "+dir, killEnv+"_FIRST="+strconv.Itoa(first))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var logged []time.Time // when each was known to have been logged
	killed := make(chan time.Time, 1)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		i, err := strconv.Atoi(lines.Text())
		if err != nil || i != first+len(logged) {
			t.Fatalf("the process says %q, want %d: %v", lines.Text(), first+len(logged), err)
		}
		if len(logged) == 0 { // it may take long to start
			time.AfterFunc(after, func() {
				killed <- time.Now()
				cmd.Process.Kill()
			})
		}
		logged = append(logged, time.Now())
	}
	cmd.Wait()
	if len(logged) == 0 {
		t.Fatal("the process has ended before it logged anything")
	}
	end := <-killed
	safe = make(map[int]time.Duration)
	for i, at := range logged {
		if age := end.Sub(at); age > spoolInterval+writeTime {
			safe[first+i] = age
		}
	}
	return first + len(logged), safe
}

// A process that is killed loses nothing that it logged longer than the
// interval ago.
func TestSpoolKill(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	dir := t.TempDir()
	next := 0
	owed := make(map[int]time.Duration) // records logged long before a kill, with their age at the kill
	for run := range 12 {
		// What the server's kernel has, its process reads: that it does not is
		// another fault.
		s.Start()
		s.Resume()
		waitFor(t, "the server to read what it has", func() bool { return s.Conns() == 0 })
		switch run % 3 {
		case 0:
			s.Stop()
		case 1:
			s.Stall()
		}
		after := spoolInterval + writeTime + time.Duration(100+rand.IntN(600))*time.Millisecond
		var safe map[int]time.Duration
		next, safe = runKilled(t, s.URL(), dir, next, after)
		maps.Copy(owed, safe)
	}
	s.Start()
	s.Resume()
	l := newLoad(t, spooled(s, dir))
	if err := shutdownWithin(t, l.h, time.Minute); err != nil {
		t.Error(err)
	}
	limit := time.Now().Add(gelftest.WaitTimeout)
	for missing := maps.Clone(owed); len(missing) > 0; time.Sleep(5 * time.Millisecond) {
		for i := range unique(numbers(t, s)) {
			delete(missing, i)
		}
		if time.Now().After(limit) {
			t.Fatalf("%d records are missing; number and age at the kill: %v", len(missing), missing)
		}
	}
	for _, r := range s.Records() {
		if r.Err != nil && !strings.Contains(r.Err.Error(), "JSON") {
			t.Errorf("a frame that Graylog refuses: %v", r.Err)
		}
	}
	got := numbers(t, s)
	t.Logf("%d logged, %d of them older than the interval at a kill, %d received, %d duplicates",
		next, len(owed), len(unique(got)), len(got)-len(unique(got)))
	if len(owed) < 100 {
		t.Errorf("%d records are owed, which proves little", len(owed))
	}
}

// waitFor waits until a condition holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s for a minute", what)
		}
	}
}

func shutdownWithin(t *testing.T, h *handler.Handler, d time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	return h.Shutdown(ctx)
}
