package delivery

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// An authority signs certificates.
type authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{t: t}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "authority of " + t.Name()},
		IsCA:    true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	c := a.sign(template)
	a.cert, a.key = c.Leaf, c.PrivateKey.(*ecdsa.PrivateKey)
	return a
}

var serial atomic.Int64

// sign completes a certificate and signs it, with its own key if the authority
// has none yet.
func (a *authority) sign(template *x509.Certificate) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(serial.Add(1))
	template.NotBefore = time.Now().Add(-48 * time.Hour)
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	parent, signer := a.cert, a.key
	if signer == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// server returns a certificate for a server, of 127.0.0.1 if no names are given.
func (a *authority) server(names ...string) tls.Certificate {
	c := &x509.Certificate{DNSNames: names, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	if len(names) == 0 {
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	return a.sign(c)
}

func (a *authority) expired() tls.Certificate {
	return a.sign(&x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter:    time.Now().Add(-24 * time.Hour),
	})
}

func (a *authority) client() tls.Certificate {
	return a.sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "hospital-1"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// write puts PEM of one kind into a file, in the place of what was there.
func write(t testing.TB, file, kind string, der []byte) string {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (a *authority) file(file string) string { return write(a.t, file, "CERTIFICATE", a.cert.Raw) }

func writePair(t testing.TB, c tls.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, certFile, "CERTIFICATE", c.Certificate[0])
	write(t, keyFile, "PRIVATE KEY", key)
}

// A vault is a server under TLS whose configuration can be changed, and which
// sees all bytes that a client sends.
type vault struct {
	l      net.Listener
	config atomic.Pointer[tls.Config]

	mu       sync.Mutex
	wire     bytes.Buffer
	messages []string
	conns    map[*net.TCPConn]bool
	version  uint16
	serving  sync.WaitGroup
}

func newVault(t testing.TB, config *tls.Config) *vault {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := &vault{l: l, conns: make(map[*net.TCPConn]bool)}
	v.config.Store(config)
	v.serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			v.serving.Go(func() { v.serve(c.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		v.reset()
		v.serving.Wait()
	})
	return v
}

// A tap is a connection that is listened in on.
type tap struct {
	net.Conn
	v *vault
}

func (c tap) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.v.mu.Lock()
	defer c.v.mu.Unlock()
	c.v.wire.Write(p[:n])
	return n, err
}

func (v *vault) serve(raw *net.TCPConn) {
	v.mu.Lock()
	v.conns[raw] = true
	v.mu.Unlock()
	defer raw.Close()
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		delete(v.conns, raw)
	}()
	conn := tls.Server(tap{raw, v}, v.config.Load())
	for r := gelf.NewReader(conn); ; {
		frame, err := r.Next()
		if err != nil {
			return
		}
		m, _, err := gelf.Decode(frame)
		if err != nil {
			continue
		}
		v.mu.Lock()
		v.messages = append(v.messages, m.Message)
		v.version = conn.ConnectionState().Version
		v.mu.Unlock()
	}
}

// reset ends all connections with RST.
func (v *vault) reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for c := range v.conns {
		c.SetLinger(0)
		c.Close()
	}
}

func (v *vault) url() string { return "tls://" + v.l.Addr().String() }

func (v *vault) got() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]string(nil), v.messages...)
}

// wait waits until n records have come.
func (v *vault) wait(t testing.TB, n int) {
	t.Helper()
	until(t, fmt.Sprintf("%d records", n), func() bool { return len(v.got()) >= n })
}

func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for limit := time.Now().Add(gelftest.WaitTimeout); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("waited %v in vain: %s", gelftest.WaitTimeout, what)
		}
	}
}

// secretText stands in every record of the tests with TLS.
const secretText = "patient 4711"

// sealed checks that the text was never sent in the clear.
func (v *vault) sealed(t testing.TB) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if bytes.Contains(v.wire.Bytes(), []byte(secretText)) || bytes.Contains(v.wire.Bytes(), []byte("short_message")) {
		t.Error("a record was sent in the clear")
	}
}

// troubles collects what OnError is told.
type troubles struct {
	mu  sync.Mutex
	all []string
}

func (tr *troubles) add(err error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.all = append(tr.all, err.Error())
}

func (tr *troubles) len() int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return len(tr.all)
}

func (tr *troubles) last() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if len(tr.all) == 0 {
		return ""
	}
	return tr.all[len(tr.all)-1]
}

func newTLSHandler(t testing.TB, v *vault, config delivery.TLS) (*handler.Handler, *troubles) {
	t.Helper()
	tr := new(troubles)
	h, err := handler.New(handler.Config{Server: v.url(), Delivery: delivery.Config{
		TLS: config, OnError: tr.add, MinBackoff: time.Millisecond, MaxBackoff: 10 * time.Millisecond,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h, tr
}

// TestTLSRefused holds that nothing is sent to a server that cannot be trusted,
// nor to one that does not trust us, that the error says which and why, and
// that the records arrive once it is put right.
func TestTLSRefused(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	plain := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }
	strict := func(version uint16) *tls.Config {
		return &tls.Config{Certificates: []tls.Certificate{ours.server()}, ClientAuth: tls.RequireAndVerifyClientCert,
			ClientCAs: ours.pool(), MinVersion: version, MaxVersion: version}
	}
	right := plain(ours.server())
	// fix puts it right at the server, or in the client's files.
	type files struct{ ca, cert, key string }
	serverFix := func(v *vault, _ files) { v.config.Store(right) }
	caFix := func(_ *vault, f files) { ours.file(f.ca) }
	clientFix := func(_ *vault, f files) { writePair(t, ours.client(), f.cert, f.key) }
	for _, tc := range []struct {
		name   string
		server *tls.Config
		ca     *authority      // that the client trusts
		client tls.Certificate // none if it is empty
		fix    func(*vault, files)
		want   string // in the error
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
			h, tr := newTLSHandler(t, v, config)
			const n = 100
			for i := range n {
				slog.New(h).Info(secretText, "i", i)
			}
			until(t, "three attempts", func() bool { return tr.len() >= 3 })
			if err := h.Err(); err == nil || !strings.Contains(
				err.Error(),
				v.url(),
			) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Err is %v, want %q and %q in it", err, v.url(), tc.want)
			}
			if s := tr.last(); !strings.Contains(s, tc.want) {
				t.Errorf("OnError was told %q, want %q in it", s, tc.want)
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
				t.Errorf("after delivery Err is %v", err)
			}
			if s := h.Stats(); s.Sent != n || s.Dropped.Total() != 0 || len(v.got()) != n {
				t.Errorf("the server got %d records, counted %+v", len(v.got()), s)
			}
		})
	}
}

// TestTLSAccepted holds that each way to say what is trusted works.
func TestTLSAccepted(t *testing.T) {
	ca := newAuthority(t)
	dir := t.TempDir()
	caFile, certFile, keyFile := ca.file(filepath.Join(
		dir,
		"ca.pem",
	)), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
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
					RootCAs:              ca.pool(),
					GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { c := ca.client(); return &c, nil },
				},
			},
			tls.VersionTLS13,
		},
		{
			"a certificate is asked for, but not required",
			&tls.Config{Certificates: []tls.Certificate{ca.server()}, ClientAuth: tls.RequestClientCert},
			delivery.TLS{CAFile: caFile},
			tls.VersionTLS13,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			v := newVault(t, tc.server)
			h, tr := newTLSHandler(t, v, tc.client)
			slog.New(h).Info(secretText)
			if err := h.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			v.wait(t, 1)
			v.sealed(t)
			if tr.len() > 0 {
				t.Errorf("trouble: %s", tr.last())
			}
			if v.version != tc.version {
				t.Errorf("spoke %s", tls.VersionName(v.version))
			}
		})
	}
}

// TestTLSFiles holds that files which cannot be used are an error that names
// them, and that the records wait for better ones.
func TestTLSFiles(t *testing.T) {
	ca := newAuthority(t)
	v := newVault(t, &tls.Config{Certificates: []tls.Certificate{ca.server()}})
	file := filepath.Join(t.TempDir(), "ca.pem")
	h, tr := newTLSHandler(t, v, delivery.TLS{CAFile: file})
	slog.New(h).Info(secretText)
	until(t, "a report", func() bool { return tr.len() > 0 })
	if s := tr.last(); !strings.Contains(s, "CAFile") || !strings.Contains(s, file) {
		t.Errorf("a file that is not there: %s", s)
	}
	if err := os.WriteFile(file, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "another report", func() bool { return strings.Contains(tr.last(), "no PEM certificate") })
	ca.file(file)
	v.wait(t, 1)
	v.sealed(t)
}

// TestTLSFaults holds that resets cost as little under TLS as without.
func TestTLSFaults(t *testing.T) {
	for name, redeliver := range map[string]int{"acknowledged": 0, "Redeliver": 4 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gelftest.NewTLSServer(t)
			l := newLoad(t, handler.Config{
				Server: s.URL(),
				Delivery: delivery.Config{
					RedeliverBytes: redeliver, QueueBytes: 32 << 20, TLS: delivery.TLS{
						Config: s.ClientTLS(),
					}, MaxBackoff: 100 * time.Millisecond},
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
