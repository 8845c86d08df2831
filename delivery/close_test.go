package delivery

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/gelftest"
)

// TestFlush checks that Flush returns at once if nothing is queued.
func TestFlush(t *testing.T) {
	srv := gelftest.NewServer(t)
	h := connect(t, srv, fast)
	if err := h.Flush(context.Background()); err != nil {
		t.Errorf("before the first record Flush returns %v", err)
	}
	if srv.Conns() != 0 {
		t.Error("there is a connection, but no record")
	}
	if err := h.Handle(context.Background(), record("m")); err != nil {
		t.Fatal(err)
	}
	if err := h.Flush(within(t, 10*time.Second)); err != nil {
		t.Error(err)
	}
	if err := h.Flush(ended()); err != nil {
		t.Errorf("with all sent, Flush with a context that has ended returns %v", err)
	}
	srv.WaitLen(1)
}

// TestCloseUnreachable checks that Shutdown ends with its context, whatever the sender
// is doing, and reports and counts the lost records.
func TestCloseUnreachable(t *testing.T) {
	refused := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no server") }
	hanging := func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	blocked := func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe() // not read
		t.Cleanup(func() { there.Close() })
		return here, nil
	}
	for name, dial := range map[string]func(context.Context, string, string) (net.Conn, error){
		"refused": refused,
		"hanging": hanging,
		"blocked": blocked,
	} {
		t.Run(name, func(t *testing.T) {
			h, err := open(testConfig{Delivery: Config{
				Dial:       dial,
				OnError:    func(error) {},
				MinBackoff: time.Hour,
				MaxBackoff: time.Hour,
			}})
			if err != nil {
				t.Fatal(err)
			}
			for range 7 {
				h.Handle(context.Background(), record("m"))
			}
			err = h.Shutdown(within(t, 20*time.Millisecond))
			if err == nil || !strings.Contains(
				err.Error(),
				"7 records not sent",
			) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Shutdown returns %v", err)
			}
			if name == "refused" && !strings.Contains(err.Error(), "no server") {
				t.Errorf("the error does not say why: %v", err)
			}
			s := h.Stats()
			if balanced(t, s); s.Dropped.Closed != 7 || s.Queued != 0 {
				t.Errorf("counted %+v", s)
			}
			if err := h.Close(); err != nil {
				t.Errorf("the second Close returns %v", err)
			}
		})
	}
}

// TestClose checks that Close sends what is queued, and that a client without records
// need not be closed.
func TestClose(t *testing.T) {
	others := goleak.IgnoreCurrent()
	unused, err := open(testConfig{Server: "127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	unused.WithAttrs(attrs{slog.Int("a", 1)})
	goleak.VerifyNone(t, others) // an unused client need not be closed
	for range 2 {
		if err := unused.Close(); err != nil {
			t.Error(err)
		}
	}

	srv := gelftest.NewServer(t)
	h := connect(t, srv, fast)
	for range 1000 {
		h.Handle(context.Background(), record("m"))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := h.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	srv.WaitLen(1000)
}

// stderrOf returns what f writes to standard error.
func stderrOf(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func(was *os.File) { os.Stderr = was }(os.Stderr)
	os.Stderr = w
	f()
	w.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	return string(text)
}
