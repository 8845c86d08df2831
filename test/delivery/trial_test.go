package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// expectReported logs records, waits until an error that contains all texts is
// reported, and checks that no record counts as sent.
func expectReported(t *testing.T, opts handler.Config, texts ...string) {
	t.Helper()
	var mu sync.Mutex
	var seen []string
	opts.Delivery.OnError = func(err error) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, err.Error())
	}
	opts.Delivery.MinBackoff, opts.Delivery.MaxBackoff = time.Millisecond, 20*time.Millisecond
	l := newLoad(t, opts)
	const n = 100
	for range n {
		l.log()
	}
	for limit := time.Now().Add(gelftest.WaitTimeout); ; time.Sleep(time.Millisecond) {
		mu.Lock()
		all := strings.Join(seen, "\n")
		mu.Unlock()
		found := true
		for _, text := range texts {
			found = found && strings.Contains(all, text)
		}
		if found {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("reported:\n%.2000s\nwant %q", all, texts)
		}
	}
	if err := l.h.Err(); err == nil {
		t.Error("Err returns nil")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := l.h.Flush(ctx); err == nil {
		t.Error("Flush returns nil")
	}
	if s := l.h.Stats(); s.Sent != 0 || s.Queued != n {
		t.Errorf("counted %+v, want %d records queued", s, n)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := l.h.Shutdown(ctx); err == nil {
		t.Error("Shutdown returns nil")
	}
	if s := l.h.Stats(); s.Sent != 0 || s.Dropped.Closed != n {
		t.Errorf("after Shutdown counted %+v, want %d records dropped", s, n)
	}
}

// TestPlainToTLS checks that a plain TCP connection to a TLS input is reported, and
// that no record counts as sent.
func TestPlainToTLS(t *testing.T) {
	t.Parallel()
	addr := gelftest.NewTLSServer(t).Addr()
	expectReported(t, handler.Config{Server: "tcp://" + addr}, "closes each connection at once", "use tls://")
}

// TestTrialSmallQueue checks that a small queue does not end the trial of a connection
// early: all its records fit into the buffers of a server that does not read.
func TestTrialSmallQueue(t *testing.T) {
	t.Parallel()
	addr := listener(t, func(conn net.Conn) { time.Sleep(20 * time.Millisecond) })
	expectReported(t, handler.Config{
		Server:   addr,
		Delivery: delivery.Config{QueueBytes: 100_000},
	}, "closes each connection at once")
}

// TestClosesAtOnce checks servers that close each connection after the first bytes.
func TestClosesAtOnce(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer string
		reset  bool
		texts  []string
	}{
		{"without an answer", "", false, []string{"closes each connection at once", "does the input speak TLS?"}},
		{"reset", "", true, []string{"closes each connection at once"}},
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", false, []string{"it answered with HTTP"}},
		{"SMTP", "220 mail.example\r\n", false, []string{`it answered "220 mail.example`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			addr := listener(t, func(conn net.Conn) {
				conn.Read(make([]byte, 64<<10))
				if tc.reset {
					conn.(*net.TCPConn).SetLinger(0)
					return
				}
				io.WriteString(conn, tc.answer)
				conn.(*net.TCPConn).CloseWrite()
				io.Copy(io.Discard, conn) // unread bytes would reset the connection and lose the answer
			})
			expectReported(t, handler.Config{Server: addr}, tc.texts...)
		})
	}
}

// TestCertificateRefusedLate checks a server that rejects the client's certificate
// after a delay. In TLS 1.3 it does so after the handshake.
func TestCertificateRefusedLate(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	cfg := &tls.Config{
		Certificates: []tls.Certificate{ca.server()},
		ClientAuth:   tls.RequireAnyClientCert,
		VerifyPeerCertificate: func([][]byte, [][]*x509.Certificate) error {
			time.Sleep(300 * time.Millisecond)
			return errors.New("rejected")
		},
	}
	addr := listener(t, func(conn net.Conn) { io.Copy(io.Discard, tls.Server(conn, cfg)) })
	client := &tls.Config{RootCAs: ca.pool(), Certificates: []tls.Certificate{ca.client()}}
	expectReported(t, handler.Config{
		Server:   "tls://" + addr,
		Delivery: delivery.Config{TLS: delivery.TLS{Config: client}},
	}, "does not accept the client's certificate")
}

// TestCertificateWithoutTicket checks that records to a server that requests a
// certificate but does not send a session ticket count as sent after a while.
func TestCertificateWithoutTicket(t *testing.T) {
	t.Parallel()
	for _, tickets := range []bool{true, false} {
		ca := newAuthority(t)
		v := newVault(t, &tls.Config{
			Certificates:           []tls.Certificate{ca.server()},
			ClientCAs:              ca.pool(),
			ClientAuth:             tls.RequireAndVerifyClientCert,
			SessionTicketsDisabled: !tickets,
		})
		client := &tls.Config{RootCAs: ca.pool(), Certificates: []tls.Certificate{ca.client()}}
		l := newLoad(t, handler.Config{
			Server:   "tls://" + v.l.Addr().String(),
			Delivery: delivery.Config{TLS: delivery.TLS{Config: client}},
		})
		l.log()
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), gelftest.WaitTimeout)
		defer cancel()
		if err := l.h.Flush(ctx); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); !tickets && took < time.Second {
			t.Errorf("without a ticket the record counts as sent after %v", took)
		}
	}
}

// TestShortConnections checks that connections that deliver records and end within a
// second are replaced at once.
func TestShortConnections(t *testing.T) {
	t.Parallel()
	addr := listener(t, func(conn net.Conn) {
		conn.SetReadDeadline(time.Now().Add(400 * time.Millisecond))
		io.Copy(io.Discard, conn)
	})
	l := newLoad(t, handler.Config{
		Server:   addr,
		Delivery: delivery.Config{MinBackoff: time.Hour, MaxBackoff: time.Hour},
	})
	for limit := time.Now().Add(gelftest.WaitTimeout); l.h.Stats().Connects < 5; time.Sleep(10 * time.Millisecond) {
		l.log()
		if time.Now().After(limit) {
			t.Fatalf("counted %+v, want 5 connections", l.h.Stats())
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	l.h.Shutdown(ctx)
}
