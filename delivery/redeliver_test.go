package delivery

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/gelftest"
)

// TestRedeliverSpooled checks that records which came from the spool one by one do not
// occupy the memory of the sender permanently when RedeliverBytes keeps them.
func TestRedeliverSpooled(t *testing.T) {
	srv := gelftest.NewServer(t)
	srv.Stop()
	d := fast
	d.QueueBytes, d.RedeliverBytes = 64<<10, 32<<10
	d.SpoolDir, d.SpoolInterval = t.TempDir(), time.Millisecond
	h := connect(t, srv, d)
	const n = 40
	for i := range n {
		h.Handle(context.Background(), record("m", slog.Int("i", i)))
		until(t, "the record is on disk", func() bool { return h.Stats().Spooled == uint64(i+1) })
	}
	srv.Start()
	srv.WaitLen(n)
	if err := h.Flush(within(t, gelftest.WaitTimeout)); err != nil {
		t.Error(err)
	}
}

// TestRedeliverHalf checks that RedeliverBytes of half of QueueBytes, its maximum,
// leaves enough memory for new records.
func TestRedeliverHalf(t *testing.T) {
	srv := gelftest.NewServer(t)
	d := fast
	d.QueueBytes, d.RedeliverBytes = 64<<10, 32<<10
	h := connect(t, srv, d)
	const n = 1000
	for i := range n {
		if err := h.Handle(context.Background(), record("m", slog.Int("i", i))); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		if err := h.Flush(within(t, gelftest.WaitTimeout)); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
	}
	srv.WaitLen(n)
}

// TestRedeliverSmallQueue checks that the default of RedeliverBytes fits into a queue
// of any size.
func TestRedeliverSmallQueue(t *testing.T) {
	for _, queue := range []int{1000, 64 << 10, defaultQueue} {
		cfg := Config{QueueBytes: queue}
		cfg.setDefaults()
		if cfg.RedeliverBytes > queue/2 || conn.DefaultRedeliver > 0 && cfg.RedeliverBytes == 0 {
			t.Errorf("QueueBytes %d: RedeliverBytes defaults to %d", queue, cfg.RedeliverBytes)
		}
	}
}

// withoutTCPInfo hides the type of a connection, and so TCP_INFO.
type withoutTCPInfo struct{ net.Conn }

// TestRedeliverWithoutAcks checks the case of macOS and Windows: RedeliverBytes
// replaces the acknowledgments that the system does not provide.
func TestRedeliverWithoutAcks(t *testing.T) {
	srv := gelftest.NewServer(t)
	d := fast
	d.RedeliverBytes = 256 << 10
	d.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", srv.Addr())
		if err != nil {
			return nil, err
		}
		return withoutTCPInfo{conn}, nil
	}
	h := connect(t, srv, d)
	const n, faults = 500, 5
	for i := range n * faults {
		h.Handle(context.Background(), record("m", slog.Int("i", i)))
		if i%n == n/2 {
			srv.Reset()
		}
	}
	seen := make(map[any]bool)
	until(t, "all records arrive", func() bool {
		for _, r := range srv.Records() {
			seen[r.Fields["i"]] = true
		}
		return len(seen) == n*faults
	})
	if err := h.Flush(within(t, gelftest.WaitTimeout)); err != nil {
		t.Error(err)
	}
	if s := h.Stats(); s.Sent != n*faults || s.Queued != 0 {
		t.Errorf("counted %+v", s)
	}
}

// TestRedeliverAtClose checks that Close sends again what a connection may have lost
// that broke shortly before.
func TestRedeliverAtClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newWithServer(t, new(fakeServer), Config{RedeliverBytes: 256 << 10})
		var links []*closableLink
		h.sink.(*transport).sender.dial = func(context.Context) (conn.Link, error) {
			time.Sleep(endTimeout / 2)
			links = append(links, newClosableLink())
			return links[len(links)-1], nil
		}
		for range 100 {
			h.Handle(t.Context(), record("m"))
		}
		if err := h.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		close(links[0].closed)
		synctest.Wait() // the sender dials
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if len(links) != 2 || links[1].written != links[0].written || links[0].written == 0 {
			t.Errorf(
				"of %d connections the last got %d bytes, want %d",
				len(links),
				links[len(links)-1].written,
				links[0].written,
			)
		}
	})
}
