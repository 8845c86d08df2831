package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/internal/spool"
)

// spoolAfterClose returns how many records a spool contains for the next process.
func spoolAfterClose(t *testing.T, dir string) int {
	t.Helper()
	log, err := spool.Open(spool.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	return log.Recovered().Frames
}

// spoolOnPressure configures a spool that is written only under memory pressure and by
// Close.
func spoolOnPressure(dir string) Config {
	return Config{SpoolDir: dir, SpoolInterval: time.Hour, OnError: func(error) {}}
}

// TestShutdownSpool checks that Shutdown returns long before its context ends if no
// connection makes progress, and that the spool contains all records then.
func TestShutdownSpool(t *testing.T) {
	refused := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no server") }
	hanging := func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	deaf := func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe() // not read
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
			opts := testConfig{Delivery: spoolOnPressure(t.TempDir())}
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

// TestShutdownSpoolTLS checks that records go to the spool if a TLS server has stopped
// reading.
func TestShutdownSpoolTLS(t *testing.T) {
	t.Parallel()
	srv := gelftest.NewTLSServer(t)
	srv.Stall()
	d := spoolOnPressure(t.TempDir())
	d.TLS.Config = &tls.Config{InsecureSkipVerify: true}
	d.QueueBytes = 64 << 20 // more than the kernels buffer
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

// TestShutdownDelivers checks that Shutdown delivers all records over a working
// connection and leaves none in the spool.
func TestShutdownDelivers(t *testing.T) {
	t.Parallel()
	plain, secure := gelftest.NewServer(t), gelftest.NewTLSServer(t)
	for _, tc := range []struct {
		srv       *gelftest.Server
		redeliver int
	}{{plain, 0}, {plain, 1 << 20}, {secure, 0}, {secure, 1 << 20}} {
		srv, redeliver := tc.srv, tc.redeliver
		d := spoolOnPressure(t.TempDir())
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

// TestShutdownUnsafe checks that Shutdown counts the records that are neither sent nor
// in the spool when its context ends, and returns the reason.
func TestShutdownUnsafe(t *testing.T) {
	t.Parallel()
	d := spoolOnPressure(t.TempDir())
	other, err := spool.Open(spool.Config{Dir: d.SpoolDir})
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

// An errorLog keeps the errors that OnError is called with.
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

// eventually waits for a condition, or fails the test.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s for a minute", what)
		}
	}
}
