package queue

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aimakerspace/synlogger/internal/spool"
)

// TestDamagedBlock checks that a completely damaged block is counted, and that nothing
// is written for it.
func TestDamagedBlock(t *testing.T) {
	dir := t.TempDir()
	log, err := spool.Open(spool.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	bad, err := log.Append([]byte("{}\x00"))
	if err != nil {
		t.Fatal(err)
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
	good, err := log.Append([]byte(`{"a":1}` + "\x00"))
	if err != nil {
		t.Fatal(err)
	}

	q := New(Config{Bytes: 8 << 20, SpoolDir: dir, Report: func(error) {}})
	q.spooler.log, q.spooler.opening, q.spooler.blocks = log, false, []spooledBlock{{Block: bad}, {Block: good}}
	q.in, q.queuedBytes = 2, bad.Bytes+good.Bytes
	w := NewWindow(q, 0)
	written := 0
	for range 2 {
		w.Push(q.TakeSpooled())
		if c := w.Unwritten(); c != nil {
			if len(c.Unwritten()) == 0 {
				t.Error("there is nothing to write in the first unwritten chunk")
			}
			written += len(c.Unwritten())
			c.Wrote(len(c.Unwritten()))
		}
		w.Settle(written)
	}
	s := q.Stats()
	if s.check(t); s.Damaged != 1 || s.Delivered != 1 || s.Queued != 0 {
		t.Errorf("counted %+v, want 1 damaged, 1 delivered and 0 queued", s)
	}
}
