package delivery

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/gelftest"
)

// TestFlushDropped checks that Flush and Close report each dropped record once, with
// every overflow policy.
func TestFlushDropped(t *testing.T) {
	for _, policy := range []Overflow{OverflowDropNewest, OverflowDropOldest} {
		srv := gelftest.NewServer(t)
		srv.Stop()
		d := fast
		d.QueueBytes, d.Overflow = 20_000, policy
		h := connect(t, srv, d)
		for range 1000 {
			h.Handle(t.Context(), record("m"))
		}
		dropped := h.Stats().Dropped.Total()
		srv.Start()
		err := h.Flush(within(t, gelftest.WaitTimeout))
		var u *UndeliveredError
		if !errors.As(err, &u) || u.Queued != 0 || u.Dropped != dropped || dropped == 0 {
			t.Errorf("policy %d: Flush returns %v, want %d records dropped", policy, err, dropped)
		}
		if err := h.Close(); err != nil {
			t.Errorf("policy %d: Close returns %v", policy, err)
		}
	}
}

// TestCloseReports checks that Close reports how many records it dropped and why to
// OnError, and by default to standard error, because a deferred Close discards its
// error.
func TestCloseReports(t *testing.T) {
	for _, byDefault := range []bool{true, false} {
		var seen reports
		onError := seen.add
		if byDefault {
			onError = nil
		}
		var h *testHandler
		text := stderrOf(t, func() {
			var err error
			h, err = open(testConfig{Delivery: Config{MinBackoff: time.Hour, MaxBackoff: time.Hour, OnError: onError}})
			if err != nil {
				t.Fatal(err)
			}
			h.sink.(*transport).sender.dial = func(context.Context) (conn.Link, error) {
				return nil, errors.New("no server")
			}
			for i := range 7 {
				h.Handle(t.Context(), record("m", slog.Int("i", i)))
			}
			until(t, "connecting fails", func() bool { return h.Err() != nil })
			h.Shutdown(ended())
			h.Close()
		})
		for _, err := range seen.of(h) {
			text += err.Error() + "\n"
		}
		if n := strings.Count(
			text,
			"7 records not sent",
		); n != 1 || !strings.Contains(text, "; delivery: connect to tcp://127.0.0.1:12201: no server") {
			t.Errorf("by default %t: reported %d times:\n%s", byDefault, n, text)
		}
	}
}
