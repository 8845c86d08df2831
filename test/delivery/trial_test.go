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

// A listener runs a function for each connection, and closes it afterwards.
func listener(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				stop := context.AfterFunc(t.Context(), func() { conn.Close() })
				defer stop()
				defer conn.Close()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return l.Addr().String()
}

// reported logs records, waits until an error that contains all the texts is
// reported, and checks that no record counts as sent.
func reported(t *testing.T, opts handler.Config, texts ...string) {
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
		t.Error("Err is nil")
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
		t.Errorf("at the end counted %+v, want %d records dropped", s, n)
	}
}

// TestPlainToTLS checks that TCP to an input that speaks TLS is reported, and that
// no record counts as sent.
func TestPlainToTLS(t *testing.T) {
	t.Parallel()
	addr := gelftest.NewTLSServer(t).Addr()
	reported(t, handler.Config{Server: "tcp://" + addr}, "closes each connection at once", "use tls://")
}

// TestTrialSmallQueue checks that a small Queue does not end the trial early: its
// records fit into the buffers of a server that reads nothing.
func TestTrialSmallQueue(t *testing.T) {
	t.Parallel()
	addr := listener(t, func(conn net.Conn) { time.Sleep(20 * time.Millisecond) })
	reported(t, handler.Config{
		Server:   addr,
		Delivery: delivery.Config{QueueBytes: 100_000},
	}, "closes each connection at once")
}

// TestClosesAtOnce checks servers that close each connection after the first
// bytes.
func TestClosesAtOnce(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer string
		reset  bool
		texts  []string
	}{
		{"without a word", "", false, []string{"closes each connection at once", "does the input speak TLS?"}},
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
				io.Copy(io.Discard, conn) // the answer would be lost if there were bytes left
			})
			reported(t, handler.Config{Server: addr}, tc.texts...)
		})
	}
}

// TestCertificateRefusedLate checks a server that takes its time to refuse the
// client's certificate, which in TLS 1.3 it does after the handshake.
func TestCertificateRefusedLate(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	cfg := &tls.Config{
		Certificates: []tls.Certificate{ca.server()},
		ClientAuth:   tls.RequireAnyClientCert,
		VerifyPeerCertificate: func([][]byte, [][]*x509.Certificate) error {
			time.Sleep(300 * time.Millisecond)
			return errors.New("not welcome")
		},
	}
	addr := listener(t, func(conn net.Conn) { io.Copy(io.Discard, tls.Server(conn, cfg)) })
	client := &tls.Config{RootCAs: ca.pool(), Certificates: []tls.Certificate{ca.client()}}
	reported(t, handler.Config{Server: "tls://" + addr, Delivery: delivery.Config{TLS: delivery.TLS{Config: client}}},
		"does not accept the client's certificate")
}

// TestCertificateWithoutTicket checks a server that asks for a certificate and
// sends no session ticket: its records count as sent after a time.
func TestCertificateWithoutTicket(t *testing.T) {
	t.Parallel()
	for _, tickets := range []bool{true, false} {
		ca := newAuthority(t)
		v := newVault(t, &tls.Config{
			Certificates: []tls.Certificate{ca.server()}, ClientCAs: ca.pool(),
			ClientAuth: tls.RequireAndVerifyClientCert, SessionTicketsDisabled: !tickets,
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

// TestShortConnections checks that connections which deliver before they are cut,
// each within a second, are replaced at once.
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
