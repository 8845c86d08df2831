package delivery

import (
	"crypto/tls"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// secretText is the message of the records in the TLS tests.
const secretText = "patient 4711"

// errorTexts collects the errors that OnError is called with.
type errorTexts struct {
	mu  sync.Mutex
	all []string
}

func (e *errorTexts) add(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, err.Error())
}

func (e *errorTexts) len() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.all)
}

func (e *errorTexts) last() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.all) == 0 {
		return ""
	}
	return e.all[len(e.all)-1]
}

// newTLSHandler returns a handler that sends to the vault, and the errors that it
// reports.
func newTLSHandler(t testing.TB, v *vault, config delivery.TLS) (*handler.Handler, *errorTexts) {
	t.Helper()
	errs := new(errorTexts)
	h, err := handler.New(handler.Config{Server: v.url(), Delivery: delivery.Config{
		TLS: config, OnError: errs.add, MinBackoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h, errs
}

// TestTLSRefused checks that nothing is sent to a server that is not trusted or does
// not trust the client, that the error contains the server and the reason, and that the
// records arrive after the mistake was corrected.
func TestTLSRefused(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	plain := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }
	strict := func(version uint16) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{ours.server()}, ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs: ours.pool(), MinVersion: version, MaxVersion: version}
	}
	right := plain(ours.server())
	// The fixes change the server's configuration or the client's files.
	type files struct{ ca, cert, key string }
	serverFix := func(v *vault, _ files) { v.config.Store(right) }
	caFix := func(_ *vault, f files) { ours.file(f.ca) }
	clientFix := func(_ *vault, f files) { writePair(t, ours.client(), f.cert, f.key) }
	for _, tc := range []struct {
		name   string
		server *tls.Config
		ca     *authority      // trusted by the client
		client tls.Certificate // not used if empty
		fix    func(*vault, files)
		want   string // part of the error
	}{
		{
			"unknown authority",
			plain(theirs.server()),
			ours,
			tls.Certificate{},
			serverFix,
			"signed by unknown authority",
		},
		{
			"the authority's file is replaced",
			plain(ours.server()),
			theirs,
			tls.Certificate{},
			caFix,
			"signed by unknown authority",
		},
		{"wrong name", plain(ours.server("other.example")), ours, tls.Certificate{}, serverFix, "certificate"},
		{"expired", plain(ours.expired()), ours, tls.Certificate{}, serverFix, "expired"},
		{
			"TLS 1.1",
			&tls.Config{Certificates: right.Certificates, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
			ours,
			tls.Certificate{},
			serverFix,
			"protocol version",
		},
		{
			"no client certificate, TLS 1.2",
			strict(tls.VersionTLS12),
			ours,
			tls.Certificate{},
			serverFix,
			"handshake failure",
		},
		{
			"no client certificate, TLS 1.3",
			strict(tls.VersionTLS13),
			ours,
			tls.Certificate{},
			serverFix,
			"certificate required",
		},
		{
			"client of an unknown authority, TLS 1.2",
			strict(tls.VersionTLS12),
			ours,
			theirs.client(),
			clientFix,
			"certificate",
		},
		{
			"client of an unknown authority, TLS 1.3",
			strict(tls.VersionTLS13),
			ours,
			theirs.client(),
			clientFix,
			"certificate",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t, tc.server)
			dir := t.TempDir()
			f := files{filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
			config := delivery.TLS{CAFile: tc.ca.file(f.ca)}
			if len(tc.client.Certificate) > 0 {
				writePair(t, tc.client, f.cert, f.key)
				config.CertFile, config.KeyFile = f.cert, f.key
			}
			h, errs := newTLSHandler(t, v, config)
			const n = 100
			for i := range n {
				slog.New(h).Info(secretText, "i", i)
			}
			until(t, "three attempts", func() bool { return errs.len() >= 3 })
			err := h.Err()
			if err == nil || !strings.Contains(err.Error(), v.url()) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Err returns %v, want %q and %q in it", err, v.url(), tc.want)
			}
			if s := errs.last(); !strings.Contains(s, tc.want) {
				t.Errorf("OnError was called with %q, want %q in it", s, tc.want)
			}
			t.Log(h.Err())
			if s := h.Stats(); s.Sent != 0 || s.Queued != n || s.Dropped.Total() != 0 || len(v.got()) != 0 {
				t.Errorf("the server got %d records, counted %+v", len(v.got()), s)
			}
			tc.fix(v, f)
			if err := h.Flush(t.Context()); err != nil {
				t.Errorf("Flush: %v", err)
			}
			v.wait(t, n)
			v.sealed(t)
			if err := h.Err(); err != nil {
				t.Errorf("after delivery Err returns %v", err)
			}
			if s := h.Stats(); s.Sent != n || s.Dropped.Total() != 0 || len(v.got()) != n {
				t.Errorf("the server got %d records, counted %+v", len(v.got()), s)
			}
		})
	}
}

// TestTLSAccepted checks each way to configure trust.
func TestTLSAccepted(t *testing.T) {
	ca := newAuthority(t)
	dir := t.TempDir()
	caFile := ca.file(filepath.Join(dir, "ca.pem"))
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePair(t, ca.client(), certFile, keyFile)
	mutual := func(version uint16) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{ca.server()}, ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs: ca.pool(), MaxVersion: version}
	}
	for _, tc := range []struct {
		name    string
		server  *tls.Config
		client  delivery.TLS
		version uint16
	}{
		{
			"CAFile",
			&tls.Config{Certificates: []tls.Certificate{ca.server()}},
			delivery.TLS{CAFile: caFile},
			tls.VersionTLS13,
		},
		{
			"ServerName",
			&tls.Config{Certificates: []tls.Certificate{ca.server("graylog.example")}},
			delivery.TLS{CAFile: caFile, ServerName: "graylog.example"},
			tls.VersionTLS13,
		},
		{
			"client certificate, TLS 1.2",
			mutual(tls.VersionTLS12),
			delivery.TLS{CAFile: caFile, CertFile: certFile, KeyFile: keyFile},
			tls.VersionTLS12,
		},
		{
			"client certificate, TLS 1.3",
			mutual(tls.VersionTLS13),
			delivery.TLS{CAFile: caFile, CertFile: certFile, KeyFile: keyFile},
			tls.VersionTLS13,
		},
		{
			"Config",
			mutual(tls.VersionTLS13),
			delivery.TLS{Config: &tls.Config{RootCAs: ca.pool(), Certificates: []tls.Certificate{ca.client()}}},
			tls.VersionTLS13,
		},
		{
			"Config with GetClientCertificate",
			mutual(tls.VersionTLS13),
			delivery.TLS{
				Config: &tls.Config{
					RootCAs: ca.pool(),
					GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
						c := ca.client()
						return &c, nil
					},
				},
			},
			tls.VersionTLS13,
		},
		{
			"a requested but optional client certificate",
			&tls.Config{Certificates: []tls.Certificate{ca.server()}, ClientAuth: tls.RequestClientCert},
			delivery.TLS{CAFile: caFile},
			tls.VersionTLS13,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t, tc.server)
			h, errs := newTLSHandler(t, v, tc.client)
			slog.New(h).Info(secretText)
			if err := h.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			v.wait(t, 1)
			v.sealed(t)
			if errs.len() > 0 {
				t.Errorf("OnError was called with %s", errs.last())
			}
			if v.version != tc.version {
				t.Errorf("the version is %s, want %s", tls.VersionName(v.version), tls.VersionName(tc.version))
			}
		})
	}
}

// TestTLSFiles checks that an unusable file is reported with its name, and that the
// records wait until it can be used.
func TestTLSFiles(t *testing.T) {
	ca := newAuthority(t)
	v := newVault(t, &tls.Config{Certificates: []tls.Certificate{ca.server()}})
	file := filepath.Join(t.TempDir(), "ca.pem")
	h, errs := newTLSHandler(t, v, delivery.TLS{CAFile: file})
	slog.New(h).Info(secretText)
	until(t, "the missing file is reported", func() bool { return errs.len() > 0 })
	if s := errs.last(); !strings.Contains(s, "CAFile") || !strings.Contains(s, file) {
		t.Errorf("a missing file is reported as %s", s)
	}
	if err := os.WriteFile(file, []byte("not PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "the invalid file is reported", func() bool { return strings.Contains(errs.last(), "no PEM certificate") })
	ca.file(file)
	v.wait(t, 1)
	v.sealed(t)
}

// TestTLSFaults checks that resets lose as little with TLS as without.
func TestTLSFaults(t *testing.T) {
	for name, redeliver := range map[string]int{"acknowledged": 0, "Redeliver": 4 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gelftest.NewTLSServer(t)
			l := newLoad(t, handler.Config{
				Server: s.URL(),
				Delivery: delivery.Config{
					RedeliverBytes: redeliver,
					QueueBytes:     32 << 20,
					TLS:            delivery.TLS{Config: s.ClientTLS()},
					MaxBackoff:     100 * time.Millisecond,
				},
			})
			stop := every(300*time.Millisecond, s.Reset)
			l.pace(10_000, 2*time.Second)
			stop()
			led := l.account(t, s)
			inOrder(t, led)
			if led.dropped != 0 || redeliver > 0 && led.lost != 0 || led.stats.Connects < 3 {
				t.Errorf("%d records dropped, %d lost, %d connections", led.dropped, led.lost, led.stats.Connects)
			}
		})
	}
}

// A faultyCache panics at the first session ticket.
type faultyCache struct{ calls atomic.Int64 }

func (c *faultyCache) Get(string) (*tls.ClientSessionState, bool) { return nil, false }

func (c *faultyCache) Put(string, *tls.ClientSessionState) {
	if c.calls.Add(1) == 1 {
		panic("in Put")
	}
}

// TestTLSPanic checks that a panic in a callback of TLS.Config after the handshake is
// reported and ends the connection, but neither the process nor the record is lost.
func TestTLSPanic(t *testing.T) {
	ours := newAuthority(t)
	v := newVault(t, &tls.Config{Certificates: []tls.Certificate{ours.server()}, MinVersion: tls.VersionTLS13})
	h, errs := newTLSHandler(t, v, delivery.TLS{
		Config: &tls.Config{RootCAs: ours.pool(), ClientSessionCache: new(faultyCache)},
	})
	slog.New(h).Info("m")
	v.wait(t, 1)
	until(t, "the panic is reported", func() bool { return errs.len() > 0 })
	if got := errs.last(); !strings.Contains(got, "callback of TLS.Config panicked") {
		t.Errorf("OnError was called with %q", got)
	}
}
