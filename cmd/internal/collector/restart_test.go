package collector_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storedir"
)

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	c, stop := collectortest.StartStop(t, collector.Config{Dir: dir})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "before"),
		collectortest.Frame("DIR_TTP_a", "before"))
	collectortest.Await(t, c, search.Query{}, 2)
	want := c.Streams()
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	c = collectortest.Start(t, collector.Config{Dir: dir})
	if diff := cmp.Diff(want, c.Streams()); diff != "" {
		t.Errorf("streams after a restart (-want +got):\n%s", diff)
	}
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "after"))
	collectortest.Await(t, c, search.Query{Stream: "TTP"}, 3)
	records, err := c.Search(t.Context(), search.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 3 || records[0].ID != 3 || records[0].Message != "after" {
		t.Errorf("records after a restart: %+v", records)
	}
}

func TestDirectoryLocked(t *testing.T) {
	dir := t.TempDir()
	collectortest.Start(t, collector.Config{Dir: dir})
	_, err := collector.New(collector.Config{Inputs: collectortest.FreeInputs(), Page: collector.PageOff, Dir: dir})
	if !errors.Is(err, storedir.ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("New: %v, want ErrLocked with the directory", err)
	}
}

// A temporary store is removed when the collector ends.
func TestTemporary(t *testing.T) {
	c, stop := collectortest.StartStop(t, collector.Config{})
	dir := collector.StoreOf(c).Dir()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

// A full disk loses no records if it has space again before the collector ends.
// Senders wait meanwhile.
func TestFullDisk(t *testing.T) {
	var told atomic.Int64
	c := collectortest.Start(t, collector.Config{OnError: func(error) { told.Add(1) }})
	limitPages(t, c, 1)
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", strings.Repeat("x", 1<<20)))
	for c.Stats().StoreError == "" {
		time.Sleep(time.Millisecond)
	}
	if !strings.Contains(c.Stats().StoreError, "full") || told.Load() == 0 {
		t.Errorf("store error %q, reported %d times", c.Stats().StoreError, told.Load())
	}
	if status, _ := collectortest.Get(t, c, "/healthz"); status != 503 {
		t.Errorf("/healthz answers %d, want 503", status)
	}
	limitPages(t, c, 1<<30)
	collectortest.Await(t, c, search.Query{Stream: "TTP"}, 1)
	if status, _ := collectortest.Get(t, c, "/healthz"); status != 200 {
		t.Errorf("/healthz answers %d, want 200", status)
	}
}

// Run ends although the disk stays full, and reports how many records are lost.
func TestFullDiskAtShutdown(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the last writes")
	}
	c, stop := collectortest.StartStop(t, collector.Config{OnError: func(error) {}})
	limitPages(t, c, 1)
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", strings.Repeat("x", 1<<20)),
		collectortest.Frame("TTP_a", strings.Repeat("y", 1<<20)))
	for c.Stats().StoreError == "" {
		time.Sleep(time.Millisecond)
	}
	err := stop()
	if err == nil || !strings.Contains(err.Error(), "2 records could not be stored") {
		t.Errorf("Run: %v, want an error about 2 records", err)
	}
}

// limitPages makes the database full at a number of pages, or at its present size if
// that is larger.
func limitPages(t *testing.T, c *collector.Collector, pages int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := collector.StoreOf(c).LimitPages(ctx, pages); err != nil {
		t.Fatal(err)
	}
}

// While the store accepts nothing, senders are slowed down and nothing is lost.
func TestFullQueueSlowsSenders(t *testing.T) {
	c := collectortest.Start(t, collector.Config{OnError: func(error) {}})
	limitPages(t, c, 1)
	const n = 120 // of 1 MiB: more than the queue, a batch and the kernel can hold
	text := strings.Repeat("x", 1<<20)
	conn := collectortest.Dial(t, c, "TTP Logs")
	sent := make(chan error, 1)
	go func() {
		for i := range n {
			if _, err := fmt.Fprint(conn, collectortest.Frame("TTP_a", text), "\x00"); err != nil {
				sent <- fmt.Errorf("frame %d: %w", i, err)
				return
			}
		}
		sent <- nil
	}()
	for c.Stats().StoreError == "" {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-sent:
		t.Fatalf("the sender is done while nothing is stored: %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	if s := c.Stats(); s.Received > 2*32+2 {
		t.Errorf("%d MiB are in memory, want at most twice the queue", s.Received)
	}
	limitPages(t, c, 1<<30)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	collectortest.Await(t, c, search.Query{Stream: "TTP"}, n)
}
