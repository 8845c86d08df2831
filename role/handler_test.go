package role

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/handler"
)

// TestRecordsBounded checks that VariantTest keeps the newest records within its
// memory limit.
func TestRecordsBounded(t *testing.T) {
	h, err := New(All()[2], Config{Variant: VariantTest, Delivery: delivery.Config{QueueBytes: 2000}})
	if err != nil {
		t.Fatal(err)
	}
	l := slog.New(h)
	for i := range 100 {
		l.Info("m", "i", i)
		kept := h.Records()
		if last := kept[len(kept)-1].Fields["i"]; last != int64(i) {
			t.Fatalf("the newest record is %v, want %d", last, i)
		}
		if len(kept) > 20 { // a frame has more than 100 bytes
			t.Fatalf("%d records are kept, want at most 20", len(kept))
		}
	}
	kept := h.Records()
	if len(kept) < 5 || len(kept) > 15 {
		t.Errorf("%d records are kept in 2000 bytes, want 5 to 15", len(kept))
	}
	for i, m := range kept {
		if m.Fields["i"] != int64(100-len(kept)+i) {
			t.Errorf("record %d of %d has i=%v", i, len(kept), m.Fields["i"])
		}
	}
	l.Info("too long", "text", strings.Repeat("x", 3000))
	if kept := h.Records(); len(kept) != 0 {
		t.Errorf("after a record that exceeds the limit, %d records are kept", len(kept))
	}
	if basic := TTP(Config{Variant: VariantBasic, Writer: io.Discard}); basic.Records() != nil {
		t.Error("VariantBasic returns records")
	}
}

// A brokenWriter fails every second time.
type brokenWriter struct {
	bytes.Buffer
	n int
}

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.n++; w.n%2 == 0 {
		return 0, errors.New("disk full")
	}
	return w.Buffer.Write(b)
}

// TestWriterFails checks that a record that cannot be written is counted and returned
// as an error.
func TestWriterFails(t *testing.T) {
	w := new(brokenWriter)
	h := TTP(Config{Variant: VariantBasic, Writer: w})
	ctx := context.Background()
	for i := range 4 {
		err := h.Handle(ctx, slog.Record{Message: "m"})
		failed := i%2 == 1
		if failed != (err != nil) || failed != (h.Err() != nil) ||
			failed && !strings.Contains(err.Error(), "disk full") {
			t.Errorf("record %d: Handle returns %v, Err returns %v", i, err, h.Err())
		}
	}
	if err := h.Flush(ctx); err != nil {
		t.Errorf("with nothing queued, Flush returns %v", err)
	}
	if s := h.Stats(); s.Accepted != 4 || s.Sent != 2 || s.Dropped.Failed != 2 || s.SentBytes != uint64(w.Len()) ||
		s.Accepted != s.Sent+s.Queued+s.Dropped.Total() {
		t.Errorf("counted %+v", s)
	}
}

// TestErrorWithStack checks that the stack of an error becomes the full message.
func TestErrorWithStack(t *testing.T) {
	h := Worker(Config{Variant: VariantTest})
	slog.New(h).Error("m", "err", handler.WithStack(errors.New("boom")))
	m := h.Records()[0]
	if m.Fields["err"] != "boom" || !strings.HasPrefix(m.FullMessage, "boom\n") ||
		!strings.Contains(m.FullMessage, "role.TestErrorWithStack") {
		t.Errorf("err is %v, full_message\n%s", m.Fields["err"], m.FullMessage)
	}
}
