package handler

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// TLS says how a connection with the scheme tls is secured. The zero value
// trusts the authorities of the system and checks that the certificate is for
// the host of the address. The least version is TLS 1.2. Files are read at
// each connect, so that new ones need no restart.
type TLS struct {
	// ServerName is the name that the server's certificate has to be for. It
	// defaults to the host of the address.
	ServerName string

	// CAFile holds the certificates, in PEM, of the authorities to trust in the
	// place of the system's.
	CAFile string

	// CertFile and KeyFile hold the client's certificate and its key, in PEM, for
	// servers that ask for one.
	CertFile, KeyFile string

	// Config is what the fields above are added to; it is not changed. It is for
	// those who hold their certificates in memory.
	Config *tls.Config
}

func (t *TLS) set() bool {
	return t.ServerName != "" || t.CAFile != "" || t.CertFile != "" || t.KeyFile != "" || t.Config != nil
}

// config returns the configuration for one connection to the host.
func (t *TLS) config(host string) (*tls.Config, error) {
	cfg := &tls.Config{}
	if t.Config != nil {
		cfg = t.Config.Clone()
	}
	cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS12)
	if t.ServerName != "" {
		cfg.ServerName = t.ServerName
	}
	if cfg.ServerName == "" {
		cfg.ServerName = host
	}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("CAFile: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("CAFile: %s has no certificate in PEM", t.CAFile)
		}
	}
	if t.CertFile != "" {
		cert, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("CertFile and KeyFile: %w", err)
		}
		cfg.Certificates = []tls.Certificate{cert}
	}
	return cfg, nil
}

// dialTLS returns a dialer for TLS on TCP.
func dialTLS(addr address, d *Delivery) dialer {
	return func(ctx context.Context) (link, error) {
		cfg, err := d.TLS.config(addr.host)
		if err != nil {
			return nil, err
		}
		asked, ticket := noteRequest(cfg), noteTicket(cfg)
		start := time.Now()
		tcp, err := dialTCP(ctx, addr, d)
		if err != nil {
			return nil, err
		}
		conn := tls.Client(tcp, cfg)
		if err := conn.HandshakeContext(ctx); err != nil {
			tcp.Close()
			return nil, err
		}
		t := newTrial(d, time.Since(start))
		t.secure = true
		if *asked && conn.ConnectionState().Version >= tls.VersionTLS13 {
			t.certificate = ticket
		}
		const most = 16 << 10 // one record of TLS
		return newStream(conn, tcp, most, d.WriteTimeout, t), nil
	}
}

// noteRequest has the configuration note whether the server asks for a
// client's certificate.
func noteRequest(cfg *tls.Config) *bool {
	asked := new(bool)
	inner, certs := cfg.GetClientCertificate, cfg.Certificates
	cfg.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		*asked = true
		if inner != nil {
			return inner(info)
		}
		for i := range certs {
			if info.SupportsCertificate(&certs[i]) == nil {
				return &certs[i], nil
			}
		}
		return &tls.Certificate{}, nil // none, as crypto/tls would
	}
	return asked
}

// noteTicket has the configuration note whether the server has sent a session
// ticket. Sessions are resumed only if the caller's configuration says so.
func noteTicket(cfg *tls.Config) *atomic.Bool {
	n := &ticketNote{inner: cfg.ClientSessionCache}
	cfg.ClientSessionCache = n
	return &n.seen
}

// A ticketNote is a cache of sessions that notes when one is put in.
type ticketNote struct {
	inner tls.ClientSessionCache // nil if nothing is kept
	seen  atomic.Bool
}

func (n *ticketNote) Get(key string) (*tls.ClientSessionState, bool) {
	if n.inner == nil {
		return nil, false
	}
	return n.inner.Get(key)
}

func (n *ticketNote) Put(key string, session *tls.ClientSessionState) {
	if session != nil { // nil removes one that is no longer valid
		n.seen.Store(true)
	}
	if n.inner != nil {
		n.inner.Put(key, session)
	}
}
