package installer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
)

const certificateTimeout = 5 * time.Second

// verifyCertificates connects to the inputs with TLS and reports certificates that
// Graylog has generated because it cannot read the files.
func (s *session) verifyCertificates(ctx context.Context, p contentpack.Pack) {
	for _, in := range p.Inputs {
		if !in.TLS.Enable {
			continue
		}
		leaf, err := s.certificate(ctx, in)
		switch {
		case err != nil:
			s.note("input "+in.Title, "Check it from a machine that reaches the input: synlogger doctor.",
				"cannot read its certificate: %v", err)
		case generated(leaf, in):
			s.problem("input "+in.Title, "Make the files readable for Graylog at these paths of its machine, and "+
				"start the input again at System, Inputs.",
				"Graylog cannot read %s or %s, and presents a certificate of its own that no sender trusts",
				in.TLS.CertFile, in.TLS.KeyFile)
		}
	}
}

// generated reports whether Graylog has generated a certificate for an input. Its name
// begins with the address of the input, and 7.0.1 ends it with ":null" instead of the
// port (graylog2-server: AbstractTcpTransport).
func generated(leaf *x509.Certificate, in contentpack.Input) bool {
	name := leaf.Subject.CommonName
	return strings.HasPrefix(name, in.Bind+":") && leaf.Issuer.CommonName == name
}

// certificate returns the certificate that an input presents.
func (s *session) certificate(ctx context.Context, in contentpack.Input) (leaf *x509.Certificate, err error) {
	host := in.Bind
	if ip, err := netip.ParseAddr(in.Bind); err != nil || ip.IsUnspecified() {
		page, err := url.Parse(s.report.Server)
		if err != nil {
			return nil, err
		}
		host = page.Hostname()
	}
	dialer := tls.Dialer{Config: &tls.Config{
		InsecureSkipVerify: true, // only the certificate is read
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) (err error) {
			leaf, err = x509.ParseCertificate(raw[0])
			return err
		},
	}}
	ctx, cancel := context.WithTimeout(ctx, certificateTimeout)
	defer cancel()
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(in.Port)))
	if err == nil {
		conn.Close()
	}
	if leaf != nil { // the input may refuse a sender without a certificate
		return leaf, nil
	}
	if err == nil {
		err = errors.New("the input presents no certificate")
	}
	return nil, err
}
