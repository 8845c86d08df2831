package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/internal/spool"
)

// spoolAfterClose returns how many records a spool holds for the next process.
func spoolAfterClose(t *testing.T, dir string) int {
	t.Helper()
	log, err := spool.Open(spool.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	return log.Recovered().Frames
}

// lazy is a spool that nothing but pressure or Close writes to.
func lazy(dir string) Config {
	return Config{SpoolDir: dir, SpoolInterval: time.Hour, OnError: func(error) {}}
}

// TestShutdownSpool holds that Shutdown returns long before its context ends when
// there is no connection or none that makes progress, and that the spool then has
// everything, whatever the sender is busy with.
func TestShutdownSpool(t *testing.T) {
	refused := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("nobody there") }
	hanging := func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	deaf := func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe() // nobody reads
		t.Cleanup(func() { there.Close() })
		return here, nil
	}
	for _, tc := range []struct {
		name string
		dial func(context.Context, string, string) (net.Conn, error)
		slow bool // OnError does not return
	}{
		{"refused", refused, false}, {"refused with a slow OnError", refused, true},
		{"hanging", hanging, false}, {"deaf", deaf, false}, {"deaf with a slow OnError", deaf, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			opts := testConfig{Delivery: lazy(t.TempDir())}
			opts.Delivery.Dial = tc.dial
			if tc.slow {
				stop := make(chan struct{})
				t.Cleanup(func() { close(stop) })
				opts.Delivery.OnError = func(error) { <-stop }
			}
			h, err := open(opts)
			if err != nil {
				t.Fatal(err)
			}
			const n = 700
			for range n {
				h.Handle(context.Background(), record("m"))
			}
			ctx := within(t, time.Minute)
			if err := h.Shutdown(ctx); err != nil || ctx.Err() != nil {
				t.Errorf("Shutdown returns %v, its context has %v", err, ctx.Err())
			}
			s := h.Stats()
			if balanced(t, s); s.Queued != n || s.Spooled != n || s.Dropped.Total() != 0 {
				t.Errorf("counted %+v", s)
			}
			if err := h.Close(); err != nil {
				t.Errorf("the second Close returns %v", err)
			}
			if got := spoolAfterClose(t, opts.Delivery.SpoolDir); got != n {
				t.Errorf("the spool has %d records, want %d", got, n)
			}
		})
	}
}

// TestShutdownSpoolTLS holds that a server that has stopped to read, under TLS,
// does not keep records out of the spool.
func TestShutdownSpoolTLS(t *testing.T) {
	t.Parallel()
	srv := gelftest.NewTLSServer(t)
	srv.Stall()
	d := lazy(t.TempDir())
	d.TLS.Config = &tls.Config{InsecureSkipVerify: true}
	d.QueueBytes = 64 << 20 // more than the kernels take
	h, err := open(testConfig{Server: srv.URL(), Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("x", 30_000)
	const n = 1000
	for range n {
		h.Handle(context.Background(), record(text))
	}
	ctx := within(t, time.Minute)
	if err := h.Shutdown(ctx); err != nil || ctx.Err() != nil {
		t.Errorf("Shutdown returns %v, its context has %v", err, ctx.Err())
	}
	s := h.Stats()
	balanced(t, s)
	if got := spoolAfterClose(t, d.SpoolDir); uint64(got)+s.Sent < n || s.Dropped.Total() != 0 {
		t.Errorf("%d sent, %d in the spool, %d dropped, want %d", s.Sent, got, s.Dropped.Total(), n)
	}
}

// TestShutdownDelivers holds that a working connection delivers all records, with
// a spool as well: none is left there.
func TestShutdownDelivers(t *testing.T) {
	t.Parallel()
	plain, secure := gelftest.NewServer(t), gelftest.NewTLSServer(t)
	for _, tc := range []struct {
		srv       *gelftest.Server
		redeliver int
	}{{plain, 0}, {plain, 1 << 20}, {secure, 0}, {secure, 1 << 20}} {
		srv, redeliver := tc.srv, tc.redeliver
		d := lazy(t.TempDir())
		d.RedeliverBytes = redeliver
		if srv == secure {
			d.TLS.Config = &tls.Config{InsecureSkipVerify: true}
		}
		before := srv.Len()
		h, err := open(testConfig{Server: srv.URL(), Delivery: d})
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			h.Handle(context.Background(), record("m"))
		}
		if err := h.Shutdown(within(t, time.Minute)); err != nil {
			t.Error(err)
		}
		srv.WaitLen(before + 1000)
		if s := h.Stats(); s.Sent != 1000 || s.Spooled != 0 {
			t.Errorf("%s, Redeliver %d: counted %+v", srv.URL(), redeliver, s)
		}
		if got := spoolAfterClose(t, d.SpoolDir); got != 0 {
			t.Errorf("%s, Redeliver %d: the spool has %d records", srv.URL(), redeliver, got)
		}
	}
}

// TestShutdownUnsafe holds that Shutdown counts the records that are neither sent
// nor in the spool when its context ends, and says why.
func TestShutdownUnsafe(t *testing.T) {
	t.Parallel()
	d := lazy(t.TempDir())
	other, err := spool.Open(spool.Options{Dir: d.SpoolDir})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	h, err := open(testConfig{Server: "tcp://127.0.0.1:1", Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	for range 7 {
		h.Handle(context.Background(), record("m"))
	}
	err = h.Shutdown(within(t, 50*time.Millisecond))
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, spool.ErrLocked) {
		t.Fatalf("Shutdown returns %v", err)
	}
	for _, part := range []string{
		"7 records not sent: they are not in the spool", d.SpoolDir, "another handler uses the directory",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %v", part, err)
		}
	}
	s := h.Stats()
	if balanced(t, s); s.Dropped.Closed != 7 {
		t.Errorf("counted %+v", s)
	}
	if err := h.Close(); err != nil {
		t.Errorf("the second Close returns %v", err)
	}
}

// A log of errors keeps what OnError is called with.
type errorLog struct {
	mu  sync.Mutex
	all []string
}

func (l *errorLog) add(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, err.Error())
}

func (l *errorLog) has(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(strings.Join(l.all, "\n"), part)
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s for a minute", what)
		}
	}
}

// TestSpoolRemoved holds that a spool whose directory is removed while it is in
// use is written again, and that this is reported.
func TestSpoolRemoved(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not remove files that are open")
	}
	for _, replace := range []bool{false, true} {
		t.Run(fmt.Sprintf("replaced=%t", replace), func(t *testing.T) {
			t.Parallel()
			var errs errorLog
			dir := filepath.Join(t.TempDir(), "spool")
			h, err := open(testConfig{Server: "tcp://127.0.0.1:1", Delivery: Config{
				SpoolDir: dir, SpoolInterval: 20 * time.Millisecond, OnError: errs.add,
			}})
			if err != nil {
				t.Fatal(err)
			}
			const n = 2000
			for range n {
				h.Handle(context.Background(), record("m"))
			}
			eventually(t, "all records on disk", func() bool { return h.Stats().Spooled == n })
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if replace {
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "the report", func() bool { return errs.has("was removed or replaced") })
			h.Handle(context.Background(), record("m"))
			if err := h.Shutdown(within(t, time.Minute)); err != nil {
				t.Error(err)
			}
			if got := spoolAfterClose(t, dir); got != n+1 {
				t.Errorf("the spool has %d records, want %d", got, n+1)
			}
		})
	}
}

// TestSpoolRemovedForGood holds that Shutdown does not return nil when the
// directory is gone and cannot be written again.
func TestSpoolRemovedForGood(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not remove files that are open")
	}
	dir := filepath.Join(t.TempDir(), "spool")
	h, err := open(testConfig{Server: "tcp://127.0.0.1:1", Delivery: Config{
		SpoolDir: dir, SpoolInterval: 20 * time.Millisecond, OnError: func(error) {},
	}})
	if err != nil {
		t.Fatal(err)
	}
	const n = 2000
	for range n {
		h.Handle(context.Background(), record("m"))
	}
	eventually(t, "all records on disk", func() bool { return h.Stats().Spooled == n })
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Err", func() bool {
		return h.Err() != nil && strings.Contains(h.Err().Error(), "removed or replaced")
	})
	err = h.Shutdown(within(t, 100*time.Millisecond))
	if err == nil || !strings.Contains(err.Error(), "2000 records not sent: they are not in the spool") {
		t.Errorf("Shutdown returns %v", err)
	}
}

// TestSpoolTakeover holds that a handler whose spool is still used by another one
// takes it over, with the records in it, once that is closed.
func TestSpoolTakeover(t *testing.T) {
	t.Parallel()
	srv := gelftest.NewServer(t)
	srv.Stop()
	d := Config{SpoolDir: t.TempDir(), SpoolInterval: 20 * time.Millisecond, MaxBackoff: 20 * time.Millisecond}
	d.OnError = func(error) {}
	first, err := open(testConfig{Server: srv.URL(), Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		first.Handle(context.Background(), record("first"))
	}
	eventually(t, "the first records on disk", func() bool { return first.Stats().Spooled == 500 })
	var errs errorLog
	d.OnError = errs.add
	second, err := open(testConfig{Server: srv.URL(), Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	eventually(t, "the error in Err", func() bool { return errors.Is(second.Err(), spool.ErrLocked) })
	for range 10 {
		second.Handle(context.Background(), record("second"))
	}
	if err := first.Shutdown(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all records in the second spool", func() bool { return second.Stats().Spooled == 510 })
	if errors.Is(second.Err(), spool.ErrLocked) || !errs.has("use one directory per handler") {
		t.Errorf("Err is %v after the spool was taken over; reported were %q", second.Err(), errs.all)
	}
	srv.Start()
	if err := second.Shutdown(within(t, time.Minute)); err != nil {
		t.Error(err)
	}
	var got []string
	srv.WaitLen(510)
	for _, r := range srv.Records() {
		got = append(got, r.Message.Message)
	}
	s := second.Stats()
	if len(got) != 510 || got[0] != "first" || got[499] != "first" || got[509] != "second" || s.Accepted != 510 {
		t.Errorf("%d records arrived, the first of them %.3q; counted %+v", len(got), got, s)
	}
}

// TestSpoolRedeliver holds that what Redeliver keeps survives a restart: records
// that the server's kernel had, and its process did not read, are sent by the next
// process, before all others.
func TestSpoolRedeliver(t *testing.T) {
	for _, crash := range []string{"before Shutdown", "after Shutdown"} {
		t.Run(crash, func(t *testing.T) {
			t.Parallel()
			srv := gelftest.NewServer(t)
			d := fast
			d.SpoolDir, d.SpoolInterval, d.RedeliverBytes = t.TempDir(), 20*time.Millisecond, 1<<20
			h := connect(t, srv, d)
			h.Handle(context.Background(), record("warm up"))
			if err := h.Flush(within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
			srv.WaitLen(1)
			srv.Stall()
			const n = 100
			for i := range n {
				h.Handle(context.Background(), record(fmt.Sprint(i)))
			}
			eventually(t, "the server's kernel to have all", func() bool { return h.Stats().Sent == n+1 })
			later := 0
			if crash == "before Shutdown" {
				srv.Stop()
				for i := range 10 {
					h.Handle(context.Background(), record(fmt.Sprint(n+i)))
				}
				later = 10
				eventually(t, "later records on disk", func() bool { return h.Stats().Spooled == 10 })
			}
			if err := h.Shutdown(within(t, time.Minute)); err != nil {
				t.Error(err)
			}
			if s := h.Stats(); s.Redelivered != 0 || s.Spooled != uint64(n+1+later) {
				t.Errorf("counted %+v; none was sent again, and all are in the spool", s)
			}
			srv.Stop()
			srv.Resume()
			srv.Start()

			next := connect(t, srv, d)
			if err := next.Flush(within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
			want := 0
			srv.WaitLen(1 + n + later)
			for _, r := range srv.Records() {
				if r.Err == nil && r.Message.Message == fmt.Sprint(want) {
					want++
				}
			}
			if want != n+later {
				t.Errorf("%d records arrived in order, want %d", want, n+later)
			}
		})
	}
}
