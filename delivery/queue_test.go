package delivery

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/gelf"
)

// A breakingConn accepts some bytes and then breaks.
type breakingConn struct {
	acceptingLink
	took *bytes.Buffer
	left int
}

func (c *breakingConn) Write(_ context.Context, b []byte) (int, error) {
	n := min(len(b), c.left)
	c.left -= n
	c.took.Write(b[:n])
	c.written += n
	if n < len(b) {
		return n, errors.New("fickle")
	}
	return n, nil
}

// TestPartialWrites checks that connections which break in the middle of a frame cost
// neither a record nor the order, and that the next connection begins with a complete
// frame.
func TestPartialWrites(t *testing.T) {
	h, err := open(testConfig{Delivery: Config{OnError: func(error) {}, MinBackoff: 1, MaxBackoff: 1}})
	if err != nil {
		t.Fatal(err)
	}
	sizes := rand.New(rand.NewPCG(3, 4)) // the sender's
	var took []*bytes.Buffer
	h.sink.(*transport).sender.dial = func(context.Context) (conn.Link, error) {
		c := &breakingConn{took: new(bytes.Buffer), left: sizes.IntN(2000)}
		took = append(took, c.took)
		return c, nil
	}
	const n = 1000
	for i := range n {
		if err := h.Handle(
			context.Background(),
			record("m", slog.Int("i", i), slog.String("text", strings.Repeat("x", i%97))),
		); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	next := int64(0)
	for _, stream := range took {
		whole := stream.Bytes()
		whole = whole[:bytes.LastIndexByte(whole, 0)+1] // Graylog ignores the rest
		for r := gelf.NewReader(bytes.NewReader(whole)); ; next++ {
			frame, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			m, _, err := gelf.Decode(frame)
			if err != nil || m.Fields["i"] != next {
				t.Fatalf("got record %v, want %d (%v)", m.Fields["i"], next, err)
			}
		}
	}
	if s := h.Stats(); next != n || s.Sent != n || s.Connects != uint64(len(took)) || len(took) < 10 {
		t.Errorf("received %d records over %d connections, counted %+v", next, len(took), s)
	}
}
