package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/gelftest"
)

// TestOnErrorQueueFull checks that dropped records are reported with their number once
// the server is back.
func TestOnErrorQueueFull(t *testing.T) {
	srv := gelftest.NewServer(t)
	srv.Stop()
	var seen reports
	d := fast
	d.QueueBytes, d.OnError = 10_000, seen.add
	h := connect(t, srv, d)
	for range 1000 {
		h.Handle(context.Background(), record("m"))
	}
	if h.Stats().Dropped.QueueFull == 0 {
		t.Fatal("nothing was dropped")
	}
	srv.Start()
	flushed(t, h)
	var text string
	until(t, "the drops are reported", func() bool {
		for _, err := range seen.of(h) {
			if strings.Contains(err.Error(), "dropped") {
				text = err.Error()
			}
		}
		return text != ""
	})
	if !strings.Contains(text, srv.URL()) || !strings.Contains(text, "10000 bytes") {
		t.Errorf("reported %q", text)
	}
}

// TestOnErrorPanics checks that a panic in OnError ends neither the process nor the
// delivery.
func TestOnErrorPanics(t *testing.T) {
	srv := gelftest.NewServer(t)
	srv.Stop()
	var calls atomic.Int64
	d := fast
	d.OnError = func(error) { calls.Add(1); panic("in OnError") }
	h := connect(t, srv, d)
	h.Handle(context.Background(), record("m"))
	until(t, "OnError is called again after it panicked", func() bool { return calls.Load() > 2 })
	srv.Start()
	srv.WaitLen(1)
}

// TestOnErrorCloses checks that an OnError which closes the client does not wait for
// itself.
func TestOnErrorCloses(t *testing.T) {
	closed := make(chan error, 1)
	var h *testHandler
	h, err := open(testConfig{Delivery: Config{OnError: func(error) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		select {
		case closed <- h.Shutdown(ctx):
		default:
		}
	}}})
	if err != nil {
		t.Fatal(err)
	}
	h.sink.(*transport).sender.dial = func(context.Context) (conn.Link, error) { return nil, errors.New("no server") }
	h.Handle(context.Background(), record("m"))
	select {
	case err := <-closed:
		if err == nil || !strings.Contains(err.Error(), "1 records not sent") {
			t.Errorf("Shutdown returns %v", err)
		}
	case <-time.After(gelftest.WaitTimeout):
		t.Fatal("Shutdown, called by OnError, does not return")
	}
	until(t, "the record is counted", func() bool { return h.Stats().Dropped.Closed == 1 })
}

// TestStderrReports checks that errors are written to standard error by default, at
// most one every 10 s.
func TestStderrReports(t *testing.T) {
	said := stderrOf(t, func() {
		synctest.Test(t, func(t *testing.T) {
			r := newReporter(nil)
			for range 100 {
				r.report(errors.New("trouble"))
				synctest.Wait()
				time.Sleep(time.Second)
			}
		})
	})
	lines := strings.Split(strings.TrimSuffix(said, "\n"), "\n")
	if len(lines) != 10 || lines[0] != "synlogger: trouble" ||
		lines[1] != "synlogger: trouble (9 more errors since the last line)" {
		t.Errorf("%d lines:\n%s", len(lines), said)
	}
}

// TestOnErrorSlow checks that an OnError which does not return delays neither the
// delivery nor the callers of Send, and that the errors it missed are counted.
func TestOnErrorSlow(t *testing.T) {
	srv := gelftest.NewServer(t)
	srv.Stop()
	var seen reports
	release := make(chan struct{})
	d := fast
	d.OnError = func(err error) { <-release; seen.add(err) }
	h := connect(t, srv, d)
	h.Handle(t.Context(), record("m"))
	until(t, "OnError is called", h.reporter.busy)
	srv.Start()
	const n = 100
	for range n {
		h.Handle(t.Context(), record("m"))
	}
	srv.WaitLen(n + 1)
	for i := range 2 * maxReports {
		h.reporter.report(fmt.Errorf("error %d", i))
	}
	close(release)
	until(t, "all are reported", func() bool { return !h.reporter.busy() })
	errs := seen.of(h)
	if len(errs) != maxReports || !strings.Contains(
		errs[1].Error(),
		"more errors were not reported",
	) && !strings.Contains(errs[0].Error(), "more errors were not reported") {
		t.Errorf("reported %d errors: %v", len(errs), errs)
	}
}

// TestDialPanics checks that a panic in a callback of the tls.Config does not end the
// process.
func TestDialPanics(t *testing.T) {
	srv := gelftest.NewTLSServer(t)
	cfg := srv.ClientTLS()
	cfg.VerifyConnection = func(tls.ConnectionState) error { panic("secret") }
	var seen reports
	d := fast
	d.OnError, d.TLS.Config = seen.add, cfg
	h := connect(t, srv, d)
	h.Handle(t.Context(), record("m"))
	until(t, "the panic is reported", func() bool { return len(seen.of(h)) > 0 })
	if err := seen.of(h)[0].Error(); !strings.Contains(
		err,
		"callback of TLS.Config panicked",
	) || strings.Contains(err, "secret") {
		t.Errorf("reported %q", err)
	}
}
