package delivery

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/internal/spool"
)

// TestSpoolRemoved checks that a spool is written again, with a report, if its
// directory is removed while it is in use.
func TestSpoolRemoved(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not remove files that are open")
	}
	for _, replace := range []bool{false, true} {
		t.Run(fmt.Sprintf("replaced=%t", replace), func(t *testing.T) {
			t.Parallel()
			var errs errorLog
			dir := filepath.Join(t.TempDir(), "spool")
			h, err := open(testConfig{Server: "tcp://127.0.0.1:1", Delivery: Config{
				SpoolDir: dir, SpoolInterval: 20 * time.Millisecond, OnError: errs.add,
			}})
			if err != nil {
				t.Fatal(err)
			}
			const n = 2000
			for range n {
				h.Handle(context.Background(), record("m"))
			}
			eventually(t, "all records on disk", func() bool { return h.Stats().Spooled == n })
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if replace {
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "the report", func() bool { return errs.has("was removed or replaced") })
			h.Handle(context.Background(), record("m"))
			if err := h.Shutdown(within(t, time.Minute)); err != nil {
				t.Error(err)
			}
			if got := spoolAfterClose(t, dir); got != n+1 {
				t.Errorf("the spool has %d records, want %d", got, n+1)
			}
		})
	}
}

// TestSpoolRemovedForGood checks that Shutdown returns an error if the directory was
// removed and cannot be written again.
func TestSpoolRemovedForGood(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not remove files that are open")
	}
	dir := filepath.Join(t.TempDir(), "spool")
	h, err := open(testConfig{Server: "tcp://127.0.0.1:1", Delivery: Config{
		SpoolDir: dir, SpoolInterval: 20 * time.Millisecond, OnError: func(error) {},
	}})
	if err != nil {
		t.Fatal(err)
	}
	const n = 2000
	for range n {
		h.Handle(context.Background(), record("m"))
	}
	eventually(t, "all records on disk", func() bool { return h.Stats().Spooled == n })
	if err := os.Rename(dir, dir+".old"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "Err", func() bool {
		return h.Err() != nil && strings.Contains(h.Err().Error(), "removed or replaced")
	})
	err = h.Shutdown(within(t, 100*time.Millisecond))
	if err == nil || !strings.Contains(err.Error(), "2000 records not sent: they are not in the spool") {
		t.Errorf("Shutdown returns %v", err)
	}
}

// TestSpoolTakeover checks that a client takes over a spool, with the records in it,
// after the other client that uses it is closed.
func TestSpoolTakeover(t *testing.T) {
	t.Parallel()
	srv := gelftest.NewServer(t)
	srv.Stop()
	d := Config{SpoolDir: t.TempDir(), SpoolInterval: 20 * time.Millisecond, MaxBackoff: 20 * time.Millisecond}
	d.OnError = func(error) {}
	first, err := open(testConfig{Server: srv.URL(), Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		first.Handle(context.Background(), record("first"))
	}
	eventually(t, "the first records on disk", func() bool { return first.Stats().Spooled == 500 })
	var errs errorLog
	d.OnError = errs.add
	second, err := open(testConfig{Server: srv.URL(), Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	eventually(t, "the error in Err", func() bool { return errors.Is(second.Err(), spool.ErrLocked) })
	for range 10 {
		second.Handle(context.Background(), record("second"))
	}
	if err := first.Shutdown(within(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all records in the second spool", func() bool { return second.Stats().Spooled == 510 })
	if errors.Is(second.Err(), spool.ErrLocked) || !errs.has("use one directory per handler") {
		t.Errorf("Err is %v after the spool was taken over; reported were %q", second.Err(), errs.all)
	}
	srv.Start()
	if err := second.Shutdown(within(t, time.Minute)); err != nil {
		t.Error(err)
	}
	var got []string
	srv.WaitLen(510)
	for _, r := range srv.Records() {
		got = append(got, r.Message.Message)
	}
	s := second.Stats()
	if len(got) != 510 || got[0] != "first" || got[499] != "first" || got[509] != "second" || s.Accepted != 510 {
		t.Errorf("%d records arrived, the first of them %.3q; counted %+v", len(got), got, s)
	}
}

// TestSpoolRedeliver checks that the records that RedeliverBytes keeps survive a
// restart: the next process sends records that the server's kernel had acknowledged,
// before all others.
func TestSpoolRedeliver(t *testing.T) {
	for _, crash := range []string{"before Shutdown", "after Shutdown"} {
		t.Run(crash, func(t *testing.T) {
			t.Parallel()
			srv := gelftest.NewServer(t)
			d := fast
			d.SpoolDir, d.SpoolInterval, d.RedeliverBytes = t.TempDir(), 20*time.Millisecond, 1<<20
			h := connect(t, srv, d)
			h.Handle(context.Background(), record("warm up"))
			if err := h.Flush(within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
			srv.WaitLen(1)
			srv.Stall()
			const n = 100
			for i := range n {
				h.Handle(context.Background(), record(fmt.Sprint(i)))
			}
			eventually(t, "the server's kernel to have all", func() bool { return h.Stats().Sent == n+1 })
			later := 0
			if crash == "before Shutdown" {
				srv.Stop()
				for i := range 10 {
					h.Handle(context.Background(), record(fmt.Sprint(n+i)))
				}
				later = 10
				eventually(t, "later records on disk", func() bool { return h.Stats().Spooled == 10 })
			}
			if err := h.Shutdown(within(t, time.Minute)); err != nil {
				t.Error(err)
			}
			if s := h.Stats(); s.Redelivered != 0 || s.Spooled != uint64(n+1+later) {
				t.Errorf("counted %+v; want none sent again and all in the spool", s)
			}
			srv.Stop()
			srv.Resume()
			srv.Start()

			next := connect(t, srv, d)
			if err := next.Flush(within(t, time.Minute)); err != nil {
				t.Fatal(err)
			}
			want := 0
			srv.WaitLen(1 + n + later)
			for _, r := range srv.Records() {
				if r.Err == nil && r.Message.Message == fmt.Sprint(want) {
					want++
				}
			}
			if want != n+later {
				t.Errorf("%d records arrived in order, want %d", want, n+later)
			}
		})
	}
}
