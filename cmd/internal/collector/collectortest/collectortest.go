// Package collectortest runs collectors in tests, sends records to them and asks
// them.
package collectortest

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/ingest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/role"
)

// FreeInputs returns the inputs of the content pack at free ports.
func FreeInputs() []ingest.Input {
	inputs := ingest.RoleInputs("127.0.0.1")
	for i := range inputs {
		inputs[i].Addr = "127.0.0.1:0"
	}
	return inputs
}

// Start runs a collector at free ports until the test ends.
func Start(t testing.TB, opts collector.Config) *collector.Collector {
	t.Helper()
	c, _ := StartStop(t, opts)
	return c
}

// StartStop runs a collector at free ports until stop is called, which returns the
// error of Run. If the test ends without calling stop, the collector is stopped, and
// an error of Run fails the test. stop must be called from the goroutine of the test.
func StartStop(t testing.TB, opts collector.Config) (c *collector.Collector, stop func() error) {
	t.Helper()
	if opts.Inputs == nil {
		opts.Inputs = FreeInputs()
	}
	if opts.Page == "" {
		opts.Page = "127.0.0.1:0"
	}
	if opts.OnError == nil {
		opts.OnError = func(err error) { t.Error(err) }
	}
	c, err := collector.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return c, runStop(t, c)
}

// runStop runs a collector as StartStop does.
func runStop(t testing.TB, c *collector.Collector) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	end := sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	stopped := false
	t.Cleanup(func() {
		if err := end(); err != nil && !stopped {
			t.Error(err)
		}
	})
	Until(t, "inputs that receive", func() bool {
		return !slices.ContainsFunc(c.Stats().Inputs, func(in ingest.InputStats) bool { return !in.Running })
	})
	return func() error {
		stopped = true
		return end()
	}
}

// Until waits for a condition.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("timeout waiting for: ", what)
		}
	}
}

// InputAddr returns the address of an input by its title.
func InputAddr(t testing.TB, c *collector.Collector, title string) string {
	t.Helper()
	for _, in := range c.Inputs() {
		if in.Title == title {
			return in.Addr
		}
	}
	t.Fatalf("no input has the title %q", title)
	return ""
}

// Dial opens a TCP connection to an input.
func Dial(t testing.TB, c *collector.Collector, title string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", InputAddr(t, c, title))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// Send sends frames to an input over a new connection.
func Send(t testing.TB, c *collector.Collector, title string, frames ...string) {
	t.Helper()
	conn := Dial(t, c, title)
	defer conn.Close()
	for _, f := range frames {
		if _, err := conn.Write([]byte(f + "\x00")); err != nil {
			t.Fatal(err)
		}
	}
}

// Frame returns a frame with a logger and a message.
func Frame(logger, message string) string {
	return string(index.AppendFields(nil, map[string]any{
		"version": "1.1", "host": "hospital-1", "short_message": message, "level": int64(6), "_logger": logger,
	}))
}

// Await waits until n records match.
func Await(t testing.TB, c *collector.Collector, q search.Query, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if got, err := c.Wait(ctx, q, n); err != nil {
		t.Fatalf("waiting for %d records of %+v: %d came: %v\n%+v", n, q, got, err, c.Stats())
	}
}

// LogAs logs with a role's handler and returns when the records are stored. Records
// logged afterwards have greater ids.
func LogAs(t *testing.T, c *collector.Collector, roleName, name string, log func(*slog.Logger)) {
	t.Helper()
	r, err := role.Lookup(roleName)
	if err != nil {
		t.Fatal(err)
	}
	h, err := role.New(r, role.Config{Server: InputAddr(t, c, r.Input), Name: name})
	if err != nil {
		t.Fatal(err)
	}
	before := c.Stats().Stored
	log(slog.New(h))
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	for c.Stats().Stored < before+int64(h.Stats().Sent) {
		time.Sleep(time.Millisecond)
	}
}
