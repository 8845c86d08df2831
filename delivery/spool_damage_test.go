package delivery

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
)

// TestSpoolDamagedInUse checks that a block which is damaged while the client runs is
// reported, does not delay the result of earlier frames, and is released in order,
// because the spool would keep all later blocks otherwise.
func TestSpoolDamagedInUse(t *testing.T) {
	srv := gelftest.NewServer(t)
	srv.Stop()
	dir := t.TempDir()
	var log errorLog
	h, err := open(testConfig{Server: srv.URL(), Delivery: Config{
		SpoolDir: dir, SpoolInterval: 20 * time.Millisecond, MaxBackoff: 100 * time.Millisecond, OnError: log.add,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	for i, text := range []string{"whole", "damaged"} {
		h.Handle(context.Background(), record(text))
		eventually(t, text+" is in the spool", func() bool { return h.Stats().Spooled == uint64(i+1) })
	}
	segments, err := filepath.Glob(filepath.Join(dir, "*.spool"))
	if err != nil || len(segments) != 1 {
		t.Fatalf("%d segments, %v", len(segments), err)
	}
	data, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-2] ^= 0xFF
	if err := os.WriteFile(segments[0], data, 0o600); err != nil {
		t.Fatal(err)
	}
	srv.Start()
	// IdleTimeout is 50 s, long enough for the link to stay open.
	var u *UndeliveredError
	if err := h.Flush(within(t, 30*time.Second)); !errors.As(err, &u) || u.Queued != 0 || u.Dropped != 1 {
		t.Errorf("Flush returns %v, want 1 record dropped", err)
	}
	eventually(t, "the loss is reported", func() bool { return log.has("1 record") })
	h.Handle(context.Background(), record("next"))
	if got := srv.Wait(2); got[0].Message.Message != "whole" || got[1].Message.Message != "next" {
		t.Errorf("received %q and %q", got[0].Message.Message, got[1].Message.Message)
	}
	eventually(t, "the spool is empty", func() bool { return h.Stats().Spooled == 0 })
	balanced(t, h.Stats())
}
