package collector

import (
	"context"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/internal/browsertest"
	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
	"github.com/aimakerspace/synlogger/role"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		runChild(dir)
		return
	}
	goleak.VerifyTestMain(browsertest.Main(m))
}

// freeInputs are the inputs of the content pack at free ports.
func freeInputs() []Input {
	inputs := RoleInputs("127.0.0.1")
	for i := range inputs {
		inputs[i].Addr = "127.0.0.1:0"
	}
	return inputs
}

// start runs a collector at free ports until the test ends.
func start(t testing.TB, opts Options) *Collector {
	t.Helper()
	c, _ := startStop(t, opts)
	return c
}

// startStop runs a collector at free ports until stop is called, which returns
// the error of Run. If the test ends without calling stop, even by a skip or a
// failure, the collector is stopped then, and an error of Run fails the test.
// stop may be called only from the goroutine of the test.
func startStop(t testing.TB, opts Options) (c *Collector, stop func() error) {
	t.Helper()
	if opts.Inputs == nil {
		opts.Inputs = freeInputs()
	}
	if opts.Page == "" {
		opts.Page = "127.0.0.1:0"
	}
	if opts.OnError == nil {
		opts.OnError = func(err error) { t.Error(err) }
	}
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return c, runStop(t, c)
}

// runStop runs a collector as startStop does.
func runStop(t testing.TB, c *Collector) (stop func() error) {
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
	until(t, "inputs that receive", func() bool {
		return !slices.ContainsFunc(c.Stats().Inputs, func(in InputStats) bool { return !in.Running })
	})
	return func() error {
		stopped = true
		return end()
	}
}

// until waits until a condition holds.
func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("in vain waiting for: ", what)
		}
	}
}

// inputAddr returns the address of an input by its title.
func inputAddr(t testing.TB, c *Collector, title string) string {
	t.Helper()
	for _, in := range c.Inputs() {
		if in.Title == title {
			return in.Addr
		}
	}
	t.Fatalf("no input has the title %q", title)
	return ""
}

// dial opens a TCP connection to an input.
func dial(t testing.TB, c *Collector, title string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", inputAddr(t, c, title))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// send sends frames to an input on a connection of their own.
func send(t testing.TB, c *Collector, title string, frames ...string) {
	t.Helper()
	conn := dial(t, c, title)
	defer conn.Close()
	for _, f := range frames {
		if _, err := conn.Write([]byte(f + "\x00")); err != nil {
			t.Fatal(err)
		}
	}
}

// frame is a record of a logger as a frame.
func frame(logger, message string) string {
	return string(appendFields(nil, map[string]any{
		"version": "1.1", "host": "hospital-1", "short_message": message, "level": int64(6), "_logger": logger,
	}))
}

// await waits until n records match.
func await(t testing.TB, c *Collector, q Query, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if got, err := c.Wait(ctx, q, n); err != nil {
		t.Fatalf("waiting for %d records of %+v: %d came: %v\n%+v", n, q, got, err, c.Stats())
	}
}

// prefix returns the prefix of a role.
func prefix(t testing.TB, name string) string {
	t.Helper()
	r, err := role.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return r.Prefix
}

// routeLogger returns the streams of a record that has this logger.
func routeLogger(logger string) streamSet {
	return route(func(field string) string {
		if field == "logger" {
			return logger
		}
		return ""
	})
}
