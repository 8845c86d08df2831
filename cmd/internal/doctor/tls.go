package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"time"
)

// expiresSoon is the remaining validity below which a certificate gets a note.
const expiresSoon = 14 * 24 * time.Hour

// secure makes a TLS connection with the handler's configuration. It returns nil
// if the handshake fails.
func (d *Doctor) secure(ctx context.Context, raw net.Conn) net.Conn {
	const name = "TLS"
	cfg, err := d.opts.TLS.ClientConfig(d.host)
	if err != nil {
		d.fail(name, err.Error(), "Correct the flag, and the field of the same name in your program.")
		return nil
	}
	client := watchClient(cfg)
	ctx, cancel := context.WithTimeout(ctx, d.opts.Timeout)
	defer cancel()
	conn := tls.Client(raw, cfg)
	err = conn.HandshakeContext(ctx)
	state := conn.ConnectionState()
	certs := state.PeerCertificates
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		certs, err = untrusted.UnverifiedCertificates, untrusted.Err
	} else if err != nil {
		d.fail(name, fmt.Sprintf("the handshake failed: %v", err), handshakeAdvice(err))
		return nil
	}
	d.ok(name, "%s with %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite))
	d.reportServer(certs[0], err, cfg.ServerName)
	if err != nil {
		return nil
	}
	d.reportClient(client)
	return conn
}

// reportServer reports the server's certificate and the error of its verification.
func (d *Doctor) reportServer(leaf *x509.Certificate, err error, serverName string) {
	const name = "certificate"
	found := describe(leaf)
	if err != nil {
		d.fail(name, found+": "+err.Error(), d.certificateAdvice(err, serverName))
		return
	}
	if time.Until(leaf.NotAfter) < expiresSoon {
		d.note(name, found, "Renew the certificate. Once it expires, records will stop arriving.")
		return
	}
	d.ok(name, "%s", found)
}

// describe returns who a certificate is for, who issued it and when it expires.
func describe(cert *x509.Certificate) string {
	names := slices.Clone(cert.DNSNames)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{"no name"}
	}
	left := time.Until(cert.NotAfter)
	expiry := fmt.Sprintf("expires in %d days", int(left.Hours()/24))
	if left < 0 {
		expiry = fmt.Sprintf("expired %d days ago", int(-left.Hours()/24))
	}
	return fmt.Sprintf("of %s, issued by %s, for %s, %s (%s)", cert.Subject, cert.Issuer,
		strings.Join(names, ", "), expiry, cert.NotAfter.UTC().Format(time.DateOnly))
}

// certificateAdvice returns what to do about a certificate that is not trusted.
func (d *Doctor) certificateAdvice(err error, serverName string) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return fmt.Sprintf("The certificate is not valid for %q. Use a name of the certificate in --server or "+
			"--server-name, or request a certificate for this name.", serverName)
	case errors.As(err, &unknown) && d.opts.TLS.CAFile != "":
		return "No authority in --ca-file has signed it. Does the file contain the certificate of the authority that " +
			"issued it? The server must send the intermediate certificates."
	case errors.As(err, &unknown):
		return "This machine does not trust the issuer. Give the authority's certificate with --ca-file."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "Renew the certificate, and check the clock of this machine."
	}
	return "Request a certificate that this machine trusts."
}

// handshakeAdvice returns what to do about a handshake that failed.
func handshakeAdvice(err error) string {
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.As(err, &record):
		return "The server does not speak TLS. Use tcp:// instead of tls://, or enable TLS in the input."
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "The server does not answer in TLS. Its input may be without TLS: use tcp://, " +
			"or enable TLS in the input."
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "The server closed the connection. Its input may be without TLS (use tcp://), " +
			"or a firewall or proxy may refuse connections."
	case strings.Contains(err.Error(), "certificate"):
		return "The server requires a client's certificate, or another one: see --cert-file and --key-file."
	case strings.Contains(err.Error(), "protocol version"):
		return "The server supports nothing newer than TLS 1.1, which is not secure. Enable TLS 1.2 or 1.3 there."
	}
	return "Is this the right port, and is TLS enabled in its input?"
}

// A clientCertificate records what happens to the client's certificate in a
// handshake.
type clientCertificate struct {
	configured  bool
	asked, sent bool
}

// watchClient makes the configuration record what happens to the client's
// certificate.
func watchClient(cfg *tls.Config) *clientCertificate {
	c := &clientCertificate{configured: len(cfg.Certificates) > 0}
	choose := cfg.GetClientCertificate
	cfg.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		cert, err := choose(info)
		c.asked = true
		c.sent = cert != nil && len(cert.Certificate) > 0
		return cert, err
	}
	return c
}

// reportClient reports what happened to the client's certificate.
func (d *Doctor) reportClient(c *clientCertificate) {
	const name = "client"
	switch {
	case c.sent:
		d.ok(name, "the server asked for a certificate and received that of --cert-file")
	case c.asked && c.configured:
		d.note(name, "the server asks for another client's certificate than that of --cert-file, and received none",
			"Use a certificate of an authority that the server names. If the server requires one, the next step fails.")
	case c.asked:
		d.note(name, "the server asks for a client's certificate, and received none",
			"If the server requires one, the next step fails: give --cert-file and --key-file.")
	case c.configured:
		d.note(name, "the server did not ask for a client's certificate", "The one of --cert-file is not used.")
	default:
		d.ok(name, "the server does not ask for a client's certificate")
	}
}
