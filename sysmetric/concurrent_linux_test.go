package sysmetric

import (
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/role"
)

// TestHandleDoesNotWaitForOtherReadings checks that a record is logged while another
// goroutine waits for a file of proc.
func TestHandleDoesNotWaitForOtherReadings(t *testing.T) {
	fake := newFakeHost(t, "cgroup2")
	h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
	t.Cleanup(func() { h.Close() })
	log := slog.New(newHandler(h, fake.host))

	pipe := filepath.Join(fake.root, "1/proc/meminfo")
	if err := os.Remove(pipe); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	blocked := make(chan struct{})
	go func() {
		defer close(blocked)
		log.Info("blocked")
	}()
	writer, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits until "blocked" opens the pipe
	if err != nil {
		t.Fatal(err)
	}
	fake.setStep(t, 2)
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		log.Info("not blocked")
	}()
	select {
	case <-logged:
	case <-time.After(time.Minute):
		t.Error("Handle waits for a reading in another goroutine")
	}
	if got := messages(h.Records()); len(got) != 1 || got[0] != "not blocked" {
		t.Errorf("records %q before the pipe is closed", got)
	}
	writer.Close()
	<-blocked
	<-logged
}
