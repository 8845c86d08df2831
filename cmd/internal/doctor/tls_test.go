package doctor

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
)

func TestTLS(t *testing.T) {
	t.Parallel()
	server := gelftest.NewTLSServer(t)
	ca := clitest.CAFile(t, server)
	opts := options(t, server.URL())
	check(t, StatusOK, withTLS(opts, delivery.TLS{CAFile: ca}),
		"^ok +TLS +TLS 1.3 with TLS_",
		"^note +certificate +of CN=gelftest, issued by CN=gelftest, for localhost, 127.0.0.1, expires in 0 days",
		"> Renew the certificate",
		"^ok +client +the server does not ask for a",
		"^ok +GELF",
		"^ok +probe",
	)
	check(t, StatusFailed, opts,
		"^ok +TLS +TLS 1.3 with TLS_",
		"^failed +certificate .*unknown authority",
		"> .*--ca-file",
		"1 of 5 steps failed",
	)
	check(t, StatusFailed, withTLS(opts, delivery.TLS{CAFile: ca, ServerName: "graylog.example"}),
		"^failed +certificate .*not graylog.example",
		"> .*--server-name",
	)
	check(t, StatusFailed, withTLS(opts, delivery.TLS{CAFile: otherCertificate(t)}),
		"^failed +certificate .*unknown authority",
		"> No authority in --ca-file has signed it",
	)
}

func TestWrongScheme(t *testing.T) {
	t.Parallel()
	check(t, StatusFailed, options(t, gelftest.NewTLSServer(t).Addr()), "^failed +GELF .*TLS", "> Use tls://")
	opts := options(t, "tls://"+gelftest.NewServer(t).Addr())
	opts.Timeout = time.Second
	check(t, StatusFailed, opts, "^failed +TLS +the handshake failed", "> .*tcp://")
}

// TestClientCertificate checks servers that ask for the client's certificate. With
// TLS 1.3, one that requires it reports a missing certificate after the handshake.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	server := func(auth tls.ClientAuthType) (addr, ca string) {
		web := httptest.NewUnstartedServer(http.NotFoundHandler())
		web.TLS = &tls.Config{ClientAuth: auth}
		web.Config.ErrorLog = quietLog
		web.StartTLS()
		t.Cleanup(web.Close)
		return "tls://" + web.Listener.Addr().String(), clitest.PEMFile(t, web.Certificate().Raw)
	}
	addr, ca := server(tls.RequireAnyClientCert)
	check(t, StatusFailed, withTLS(options(t, addr), delivery.TLS{CAFile: ca}),
		"^note +client +the server asks for a client's certificate, and received none",
		"^failed +GELF +the server refused the connection: .*certificate required",
		"> .*--cert-file",
	)

	// A certificate of the server's own key pair is good enough for this server.
	certFile, keyFile := keyPair(t)
	files := delivery.TLS{CAFile: ca, CertFile: certFile, KeyFile: keyFile}
	check(t, StatusFailed, withTLS(options(t, addr), files),
		"^ok +client +the server asked for a certificate and received that of --cert-file",
		"^failed +GELF +a web server answers",
	)
	addr, files.CAFile = server(tls.NoClientCert)
	check(t, StatusFailed, withTLS(options(t, addr), files),
		"^note +client +the server did not ask for a client's certificate",
	)
}

// keyPair returns the PEM files of a certificate and its key.
func keyPair(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	web := httptest.NewTLSServer(http.NotFoundHandler())
	defer web.Close()
	pair := web.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	keyFile = filepath.Join(t.TempDir(), "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	if err := os.WriteFile(keyFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return clitest.PEMFile(t, pair.Certificate[0]), keyFile
}
