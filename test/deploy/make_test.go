package deploy_test

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMakeEnv checks the secrets of make-env, and that it keeps an existing file.
func TestMakeEnv(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".env")
	if out, err := exec.Command(deployDir+"/make-env", file).CombinedOutput(); err != nil {
		t.Fatalf("make-env: %v\n%s", err, out)
	}
	first, err := readEnv(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	password, hash := first["GRAYLOG_ADMIN_PASSWORD"], first["GRAYLOG_ROOT_PASSWORD_SHA2"]
	if sum := sha256.Sum256([]byte(password)); hash != hex.EncodeToString(sum[:]) {
		t.Errorf("the SHA-256 of %q is %x, not %s", password, sum, hash)
	}

	before := readFile(t, file)
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(deployDir+"/make-env", file).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is there already") {
		t.Errorf("the second call: %v\n%s", err, out)
	}
	if readFile(t, file) != before {
		t.Error("the second call has changed the file")
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode after the second call: %v, %v; want 0600", info.Mode(), err)
	}

	second, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	if len(second) != len(first) {
		t.Errorf("%d variables, and then %d", len(first), len(second))
	}
	seen := make(map[string]string)
	for name, value := range first {
		if !secret.MatchString(name) {
			continue
		}
		if len(value) < 32 {
			t.Errorf("%s has %d characters", name, len(value))
		}
		if value == second[name] {
			t.Errorf("%s is the same each time", name)
		}
		if other, ok := seen[value]; ok {
			t.Errorf("%s and %s are the same", name, other)
		}
		seen[value] = name
	}
}

// TestIgnored checks that generated files get neither into a commit nor into an image.
func TestIgnored(t *testing.T) {
	for _, file := range []string{"deploy/.env", "deploy/certs/ca.key", "deploy/certs/server.key"} {
		if out, err := exec.Command("git", "-C", root, "check-ignore", "-q", file).CombinedOutput(); err != nil {
			t.Errorf("git does not ignore %s: %v %s", file, err, out)
		}
		if !dockerIgnored(t, file) {
			t.Errorf("docker does not ignore %s", file)
		}
	}
}

// TestMakeCerts connects clients and servers that use the certificates of make-certs.
func TestMakeCerts(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	dir := filepath.Join(t.TempDir(), "certs")
	makeCerts := func(args ...string) (string, int) {
		cmd := exec.Command(deployDir+"/make-certs", args...)
		cmd.Env = append(os.Environ(), "CERTS="+dir)
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	for _, args := range [][]string{
		{"graylog.example", "192.0.2.7", "2001:db8::7", "127.0.0.1"},
		{"--client", "hospital-1"},
	} {
		if out, status := makeCerts(args...); status != 0 {
			t.Fatalf("make-certs %v: status %d\n%s", args, status, out)
		}
	}
	if out, status := makeCerts("other.example"); status != 1 || !strings.Contains(out, "already") {
		t.Errorf("a second server: status %d\n%s", status, out)
	}
	for _, args := range [][]string{
		nil,
		{"a b"},
		{"x,IP:0.0.0.0"},
		{"--client"},
		{"--client", "ca"},
		{"--client", "../x"},
		{"--help"},
	} {
		if out, status := makeCerts(args...); status != 2 || out == "" {
			t.Errorf("make-certs %q: status %d, want 2\n%s", args, status, out)
		}
	}
	modes := map[string]os.FileMode{
		".":              0o700,
		"ca.key":         0o600,
		"ca.pem":         0o644,
		"server.key":     0o644,
		"server.pem":     0o644,
		"hospital-1.key": 0o600,
		"hospital-1.pem": 0o644,
	}
	checkModes(t, dir, modes)
	// Each call restricts the modes of keys that an earlier version has made.
	if err := os.Chmod(filepath.Join(dir, "hospital-1.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	makeCerts("--client", "clinic-3")
	checkModes(t, dir, modes)

	testHandshakes(t, dir)
}

// testHandshakes checks which clients and servers accept the certificates in dir.
func testHandshakes(t *testing.T, dir string) {
	authority := x509.NewCertPool()
	if !authority.AppendCertsFromPEM([]byte(readFile(t, filepath.Join(dir, "ca.pem")))) {
		t.Fatal("ca.pem contains no certificate")
	}
	pair := func(name string) []tls.Certificate {
		c, err := tls.LoadX509KeyPair(filepath.Join(dir, name+".pem"), filepath.Join(dir, name+".key"))
		if err != nil {
			t.Fatal(err)
		}
		return []tls.Certificate{c}
	}
	server := &tls.Config{
		Certificates: pair("server"),
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    authority,
	}
	connect := func(name string, certificates []tls.Certificate) error {
		t.Helper()
		return handshake(t, server, &tls.Config{RootCAs: authority, ServerName: name, Certificates: certificates})
	}
	for _, name := range []string{
		"graylog.example", "192.0.2.7", "2001:db8::7", "127.0.0.1", // arguments
		"graylog", "graylog1", "graylog3", "localhost", // always
	} {
		if err := connect(name, pair("hospital-1")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if connect("elsewhere.example", pair("hospital-1")) == nil {
		t.Error("a client accepts the certificate for a name that is not in it")
	}
	if connect("localhost", nil) == nil {
		t.Error("the server accepts a client without a certificate")
	}
	if connect("localhost", pair("server")) == nil {
		t.Error("the server accepts a client that has the server's certificate")
	}
}

// checkModes checks the modes of files in dir.
func checkModes(t *testing.T, dir string, modes map[string]os.FileMode) {
	t.Helper()
	for file, want := range modes {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", file, info.Mode().Perm(), want)
		}
	}
}

// handshake connects a client to a server and returns the errors of both.
func handshake(t *testing.T, server, client *tls.Config) error {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	failed := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			failed <- err
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		failed <- tls.Server(conn, server).Handshake()
	}()
	conn, err := tls.Dial("tcp", l.Addr().String(), client)
	if err == nil {
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		io.Copy(io.Discard, conn)
		conn.Close()
	}
	return errors.Join(err, <-failed)
}
