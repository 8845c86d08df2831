package conn

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"
)

// TestMarksUnknown checks that a link does not collect marks on systems without
// TCP_INFO, where nothing would remove them.
func TestMarksUnknown(t *testing.T) {
	here, there := net.Pipe() // has no TCP_INFO
	go io.Copy(io.Discard, there)
	c := &counted{Conn: here}
	s := newStream(c, c, 64<<10, time.Minute, &trial{done: true})
	defer s.Close()
	const n = 100
	for range n {
		if _, err := s.Write(context.Background(), []byte("{}\x00")); err != nil {
			t.Fatal(err)
		}
		s.Reached()
	}
	if got := s.Reached(); got != 3*n || len(s.marks) > 0 {
		t.Errorf("%d bytes have arrived, %d marks are left; want %d and 0", got, len(s.marks), 3*n)
	}
}

// TestTicketRemoved checks that a session which crypto/tls removes from the cache, for
// example because it expired, does not count as a ticket of the server.
func TestTicketRemoved(t *testing.T) {
	cfg := &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	seen := noteTicket(cfg)
	cfg.ClientSessionCache.Put("key", nil)
	if seen.Load() {
		t.Error("the removal counts as a ticket")
	}
	cfg.ClientSessionCache.Put("key", new(tls.ClientSessionState))
	if !seen.Load() {
		t.Error("the ticket is not seen")
	}
}
