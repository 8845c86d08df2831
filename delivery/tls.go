package delivery

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// TLS configures connections to servers with the scheme tls. The zero value trusts the
// authorities of the system and checks that the server's certificate is valid
// for the host of the server. The minimum version is TLS 1.2. Files are read at
// each connect, so replacing one needs no restart.
type TLS struct {
	// ServerName is the name that the server's certificate must be valid for.
	// (Default: the host of the server.)
	ServerName string

	// CAFile names a file with the certificates, in PEM, of the authorities to
	// trust. They replace the system's, or are added to Config.RootCAs if that is
	// set.
	CAFile string

	// CertFile and KeyFile name files with the client's certificate and its key,
	// in PEM, for servers that ask for a certificate.
	CertFile, KeyFile string

	// Config is the base that the fields above are added to. It is not changed.
	// Set it if your certificates are in memory.
	Config *tls.Config
}

// isSet reports whether any field is set.
func (t *TLS) isSet() bool {
	return t.ServerName != "" || t.CAFile != "" || t.CertFile != "" || t.KeyFile != "" || t.Config != nil
}

// ClientConfig reads the files and returns the configuration for one connection
// to the host. Its GetClientCertificate is always set.
func (t *TLS) ClientConfig(host string) (*tls.Config, error) {
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
		roots := x509.NewCertPool()
		if cfg.RootCAs != nil {
			roots = cfg.RootCAs.Clone()
		}
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("CAFile: %s contains no PEM certificate", t.CAFile)
		}
		cfg.RootCAs = roots
	}
	if t.CertFile != "" {
		cert, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("CertFile and KeyFile: %w", err)
		}
		cfg.Certificates = []tls.Certificate{cert}
	}
	if cfg.GetClientCertificate == nil {
		cfg.GetClientCertificate = chooseCertificate(cfg.Certificates)
	}
	return cfg, nil
}

// chooseCertificate returns a callback that returns the first certificate that
// the server accepts, or an empty one, as crypto/tls does without a callback.
func chooseCertificate(certs []tls.Certificate) func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	return func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		for i := range certs {
			if info.SupportsCertificate(&certs[i]) == nil {
				return &certs[i], nil
			}
		}
		return &tls.Certificate{}, nil
	}
}
