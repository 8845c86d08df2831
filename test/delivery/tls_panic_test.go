package delivery

import (
	"crypto/tls"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aimakerspace/synlogger/delivery"
)

// A faultyCache panics at the first session ticket.
type faultyCache struct{ calls atomic.Int64 }

func (c *faultyCache) Get(string) (*tls.ClientSessionState, bool) { return nil, false }

func (c *faultyCache) Put(string, *tls.ClientSessionState) {
	if c.calls.Add(1) == 1 {
		panic("no session, please")
	}
}

// TestTLSPanic holds that a panic in a callback of TLS.Config after the handshake
// costs the connection, with a report, and neither the process nor a record.
func TestTLSPanic(t *testing.T) {
	ours := newAuthority(t)
	v := newVault(t, &tls.Config{Certificates: []tls.Certificate{ours.server()}, MinVersion: tls.VersionTLS13})
	h, tr := newTLSHandler(t, v, delivery.TLS{
		Config: &tls.Config{RootCAs: ours.pool(), ClientSessionCache: new(faultyCache)},
	})
	slog.New(h).Info("m")
	v.wait(t, 1)
	until(t, "the panic is reported", func() bool { return tr.len() > 0 })
	if got := tr.last(); !strings.Contains(got, "callback of TLS.Config panicked") {
		t.Errorf("OnError was told %q", got)
	}
}
