package handler

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/aimakerspace/synlogger/internal/spool"
)

// wholeFrames is a link that fails the test when it is given nothing to write, as one
// for datagrams cannot be.
type wholeFrames struct {
	quiet
	t *testing.T
}

func (l *wholeFrames) write(ctx context.Context, frames []byte) (int, error) {
	if len(frames) == 0 {
		l.t.Error("a write of nothing")
	}
	return l.quiet.write(ctx, frames)
}

// A block that is damaged from end to end is counted, and nothing is written
// in its place.
func TestDamagedBlock(t *testing.T) {
	dir := t.TempDir()
	log, err := spool.Open(spool.Options{Dir: dir})
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

	var opts Options
	opts.setDefaults()
	q := newQueue(&opts.Delivery)
	q.disk = newDisk(&Delivery{SpoolDir: dir, SpoolInterval: opts.SpoolInterval}, func(error) {})
	q.disk.log, q.disk.opening, q.disk.blocks = log, false, []diskBlock{{Block: bad}, {Block: good}}
	q.in, q.queuedBytes = 2, bad.Bytes+good.Bytes
	dial := func(context.Context) (link, error) { return &wholeFrames{t: t}, nil }
	s := newSender(q, "tcp://test", &opts.Delivery, dial, func(error) {}, func(*queue, Dropped) error { return nil })
	for q.out < 2 {
		s.step(t.Context())
	}
	if q.damaged != 1 || q.delivered != 1 || q.out != 2 || q.queuedBytes != 0 {
		t.Errorf("%d damaged, %d delivered, %d of 2 out, %d bytes left; want 1, 1, 2 and 0", q.damaged, q.delivered, q.out, q.queuedBytes)
	}
}
