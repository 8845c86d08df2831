package delivery

import (
	"context"
	"net"
	"testing"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
)

// TestGoneBeforeWrite checks that a server is reported which closes each connection
// before the first record can be written.
func TestGoneBeforeWrite(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-accepting })
	var errs errorLog
	d := fast
	d.OnError = errs.add
	h, err := open(testConfig{Server: "tcp://" + l.Addr().String(), Delivery: d})
	if err != nil {
		t.Fatal(err)
	}
	s := h.sink.(*transport).sender
	dial := s.dial
	s.dial = func(ctx context.Context) (conn.Link, error) {
		l, err := dial(ctx)
		if err == nil {
			<-l.Gone() // as on a busy machine
		}
		return l, err
	}
	h.Handle(t.Context(), record("m"))
	eventually(t, "an error", func() bool { return h.Err() != nil && errs.has(conn.ErrClosed.Error()) })
	if err := h.Shutdown(ended()); err == nil {
		t.Error("Shutdown returns nil")
	}
	balanced(t, h.Stats())
}
