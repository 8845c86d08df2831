package graylog

import (
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
)

func TestTLS(t *testing.T) {
	web := unstarted(t, respond(200, `{}`))
	web.StartTLS()
	system := func(cfg Config) error {
		_, err := client(t, cfg).System(t.Context())
		return err
	}
	trusting := &tls.Config{RootCAs: x509.NewCertPool()}
	trusting.RootCAs.AddCert(web.Certificate())
	other := trusting.Clone()
	other.ServerName = "graylog.example"

	checkError(t, system(Config{URL: web.URL}), nil, "certificate signed by unknown authority")
	checkError(t, system(Config{URL: web.URL, TLS: trusting}), ErrNotGraylog, "the response has no version")
	checkError(t, system(Config{URL: web.URL, TLS: other}), nil, "certificate is valid for", "graylog.example")
	plain := strings.Replace(web.URL, "https:", "http:", 1)
	checkError(t, system(Config{URL: plain}), nil, "400 Bad Request")
	secure := strings.Replace(serve(t, respond(200, "{}")).URL, "http:", "https:", 1)
	checkError(t, system(Config{URL: secure}), nil, "server gave HTTP response to HTTPS client")
}

// TestClientCertificate uses a server that requires a certificate. With TLS 1.3
// the client learns this only after the handshake.
func TestClientCertificate(t *testing.T) {
	web := unstarted(t, respond(200, `{}`))
	web.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	web.StartTLS()
	trusting := &tls.Config{RootCAs: x509.NewCertPool()}
	trusting.RootCAs.AddCert(web.Certificate())
	_, err := client(t, Config{URL: web.URL, TLS: trusting}).System(t.Context())
	checkError(t, err, nil, "certificate required")

	trusting.Certificates = web.TLS.Certificates
	_, err = client(t, Config{URL: web.URL, TLS: trusting}).System(t.Context())
	checkError(t, err, ErrNotGraylog, "the response has no version")
}
