package gelftest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"
)

// NewTLSServer is like [NewServer] with TLS on the TCP port. The certificate is
// created for the test and valid for 127.0.0.1 and localhost. Only clients with
// the configuration of [Server.ClientTLS] trust it.
func NewTLSServer(t testing.TB) *Server {
	t.Helper()
	cert, err := selfSigned()
	if err != nil {
		t.Fatalf("gelftest: create a certificate: %v", err)
	}
	return newServer(t, &tls.Config{Certificates: []tls.Certificate{cert}})
}

// ClientTLS returns a configuration for clients that trusts the server. It is nil
// for a server without TLS.
func (s *Server) ClientTLS() *tls.Config {
	if s.tls == nil {
		return nil
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.tls.Certificates[0].Leaf)
	return &tls.Config{RootCAs: roots}
}

// selfSigned returns a new self-signed certificate.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "gelftest"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
