package conn

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync/atomic"
	"time"
)

// dialTLS returns a dialer for TLS on TCP.
func dialTLS(addr Address, cfg *Config) Dialer {
	return func(ctx context.Context) (Link, error) {
		secure, err := cfg.TLS(addr.host)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrTLS, err)
		}
		asked, ticket := noteRequest(secure), noteTicket(secure)
		start := time.Now()
		tcp, err := dialTCP(ctx, addr, cfg)
		if err != nil {
			return nil, err
		}
		conn := tls.Client(tcp, secure)
		if err := conn.HandshakeContext(ctx); err != nil {
			tcp.Close()
			return nil, fmt.Errorf("%w: %w", ErrTLS, err)
		}
		t := newTrial(cfg, time.Since(start))
		t.secure = true
		if *asked && conn.ConnectionState().Version >= tls.VersionTLS13 {
			t.certificate = ticket
		}
		const most = 16 << 10 // size of a TLS record
		return newStream(conn, tcp, most, cfg.WriteTimeout, t), nil
	}
}

// noteRequest makes the configuration note whether the server asks for a
// client's certificate.
func noteRequest(cfg *tls.Config) *bool {
	asked := new(bool)
	choose := cfg.GetClientCertificate
	cfg.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		*asked = true
		return choose(info)
	}
	return asked
}

// noteTicket makes the configuration note whether the server has sent a session ticket.
// Sessions are resumed only if the caller's configuration has a cache.
func noteTicket(cfg *tls.Config) *atomic.Bool {
	n := &ticketNote{inner: cfg.ClientSessionCache}
	cfg.ClientSessionCache = n
	return &n.seen
}

// A ticketNote is a session cache that notes when a session is added.
type ticketNote struct {
	inner tls.ClientSessionCache // nil without a cache
	seen  atomic.Bool
}

func (n *ticketNote) Get(key string) (*tls.ClientSessionState, bool) {
	if n.inner == nil {
		return nil, false
	}
	return n.inner.Get(key)
}

func (n *ticketNote) Put(key string, session *tls.ClientSessionState) {
	if session != nil { // nil removes an invalid session
		n.seen.Store(true)
	}
	if n.inner != nil {
		n.inner.Put(key, session)
	}
}
