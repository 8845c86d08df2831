// Package clitest helps to test what commands print, and how they treat servers
// that are not GELF inputs.
package clitest

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
)

// A Buffer collects the output of a command that is still running.
type Buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write appends to the buffer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String returns the output up to now.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// WaitFor waits until the output matches a pattern, and returns the match and its
// groups.
func (b *Buffer) WaitFor(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if m := re.FindStringSubmatch(b.String()); m != nil {
			return m
		}
		if time.Now().After(deadline) {
			t.Fatalf("%q was not printed, but:\n%s", pattern, b)
		}
	}
}

// Match fails the test unless the text matches the patterns in this order. In a
// pattern, ^ and $ match at line ends.
func Match(t *testing.T, text string, patterns ...string) {
	t.Helper()
	rest := text
	for _, p := range patterns {
		at := regexp.MustCompile("(?m)" + p).FindStringIndex(rest)
		if at == nil {
			t.Errorf("no match, in this order, for %q in\n%s", p, text)
			return
		}
		rest = rest[at[1]:]
	}
}

// Serve runs a server until the test ends and returns its address. The server calls
// handle with each connection, one after the other, and then closes it.
func Serve(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			handle(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

// CAFile returns a PEM file with the certificate of a server.
func CAFile(t *testing.T, server *gelftest.Server) string {
	t.Helper()
	conn, err := tls.Dial("tcp", server.Addr(), server.ClientTLS())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return PEMFile(t, conn.ConnectionState().PeerCertificates[0].Raw)
}

// PEMFile returns a PEM file with a certificate.
func PEMFile(t *testing.T, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
