package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"
)

// tlsConfig returns the configuration of the handler's connection, as far as
// the flags have it.
func (d *doctor) tlsConfig() (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: d.host}
	if d.tls.ServerName != "" {
		cfg.ServerName = d.tls.ServerName
	}
	if d.tls.CAFile != "" {
		pem, err := os.ReadFile(d.tls.CAFile)
		if err != nil {
			return nil, fmt.Errorf("--ca-file: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca-file: %s has no certificate in PEM", d.tls.CAFile)
		}
	}
	if d.tls.CertFile != "" {
		cert, err := tls.LoadX509KeyPair(d.tls.CertFile, d.tls.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("--cert-file and --key-file: %w", err)
		}
		cfg.Certificates = []tls.Certificate{cert}
	}
	return cfg, nil
}

// soon is when an expiry is worth a note.
const soon = 14 * 24 * time.Hour

// secure speaks TLS on the connection and returns nil if the handler would not
// trust the server.
func (d *doctor) secure(ctx context.Context, raw net.Conn) net.Conn {
	const name = "TLS"
	cfg, err := d.tlsConfig()
	if err != nil {
		d.fail(name, err.Error(), "")
		return nil
	}
	asked := false
	certs := cfg.Certificates
	cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		if len(certs) > 0 {
			return &certs[0], nil
		}
		return &tls.Certificate{}, nil
	}
	// The certificate is to be seen even if it is not trusted, which verify
	// finds out; nothing is written before.
	cfg.InsecureSkipVerify = true
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	conn := tls.Client(raw, cfg)
	if err := conn.HandshakeContext(ctx); err != nil {
		d.fail(name, fmt.Sprintf("the handshake failed: %v", err), handshakeAdvice(err))
		return nil
	}
	state := conn.ConnectionState()
	d.ok(name, "%s with %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite))
	if !d.verify(cfg, state) {
		return nil
	}
	switch {
	case asked && len(certs) > 0:
		d.ok("client", "the server asked for a certificate and got that of --cert-file")
	case asked:
		d.note("client", "the server asks for a client's certificate, and got none",
			"If it insists, the next step fails: give --cert-file and --key-file.")
	case len(certs) > 0:
		d.note("client", "the server did not ask for a client's certificate", "That of --cert-file is not used.")
	default:
		d.ok("client", "the server asks for no client's certificate")
	}
	return conn
}

func handshakeAdvice(err error) string {
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &record):
		return "The server does not speak TLS. Use tcp:// instead of tls://, or enable TLS in the input."
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "The server says nothing to TLS. Perhaps its input is without TLS: use tcp://, or enable TLS in the input."
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "The server hung up. Its input may be without TLS (use tcp://), or something in between lets nobody through."
	case strings.Contains(err.Error(), "certificate"):
		return "The server wants a client's certificate, or another one: see --cert-file and --key-file."
	case strings.Contains(err.Error(), "protocol version"):
		return "The server has nothing newer than TLS 1.1, which is not secure. Enable TLS 1.2 or 1.3 there."
	}
	return "Is this the right port, and has its input TLS?"
}

// verify shows the certificate and reports whether the handler would trust it.
func (d *doctor) verify(cfg *tls.Config, state tls.ConnectionState) bool {
	const name = "certificate"
	leaf := state.PeerCertificates[0]
	names := append([]string(nil), leaf.DNSNames...)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{"no name"}
	}
	left := time.Until(leaf.NotAfter)
	expiry := fmt.Sprintf("expires in %d days", int(left.Hours()/24))
	if left < 0 {
		expiry = fmt.Sprintf("expired %d days ago", int(-left.Hours()/24))
	}
	found := fmt.Sprintf("of %s, issued by %s, for %s, %s (%s)", leaf.Subject, leaf.Issuer, strings.Join(names, ", "),
		expiry, leaf.NotAfter.UTC().Format(time.DateOnly))
	others := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		others.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: cfg.RootCAs, Intermediates: others, DNSName: cfg.ServerName})
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case err == nil && left < soon:
		d.note(name, found, "Renew it in time: the day it expires, records stop to arrive.")
	case err == nil:
		d.ok(name, "%s", found)
	case errors.As(err, &host):
		d.fail(name, found+": "+err.Error(), fmt.Sprintf("The certificate is not for %q. Name the server as the certificate does, say --server-name, or have one made for this name.", cfg.ServerName))
	case errors.As(err, &unknown) && d.tls.CAFile != "":
		d.fail(name, found+": "+err.Error(), "It is not signed by an authority in --ca-file. Is that the certificate of the authority that issued it? The server has to send those in between.")
	case errors.As(err, &unknown):
		d.fail(name, found+": "+err.Error(), "This machine does not know who signed it. Give the authority's certificate with --ca-file.")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		d.fail(name, found+": "+err.Error(), "Renew the certificate, and look at the clock of this machine.")
	default:
		d.fail(name, found+": "+err.Error(), "Have a certificate made that this machine trusts.")
	}
	return err == nil
}
