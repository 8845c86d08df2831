package collector

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// Requests that are too many are turned away, those that cannot even wait at
// once.
func TestGate(t *testing.T) {
	g := newGate(gateLimit{places: 1, waiting: 1, wait: time.Hour})
	if err := g.enter(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() { second <- g.enter(t.Context()) }()
	for len(g.waiting) == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := g.enter(t.Context()); err != errBusy {
		t.Errorf("one too many to wait: %v", err)
	}
	g.leave()
	if err := <-second; err != nil {
		t.Errorf("one that waits: %v", err)
	}
	g.wait = time.Millisecond
	if err := g.enter(t.Context()); err != errBusy {
		t.Errorf("a place too many: %v", err)
	}
	if statusOf(errBusy) != 429 {
		t.Error("busy is not 429")
	}
	all := 0
	for _, limit := range gateLimits {
		all += limit.places + limit.waiting
	}
	if all >= maxConns {
		t.Errorf("%d requests run or wait on %d connections", all, maxConns)
	}
}

// pageConn opens a connection to the page.
func pageConn(t *testing.T, c *Collector) net.Conn {
	t.Helper()
	return connTo(t, strings.TrimSuffix(strings.TrimPrefix(c.PageURL(), "http://"), "/"))
}

// connTo opens a connection that ends with the test.
func connTo(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

const healthRequest = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

// askHealth asks on a connection, and keeps it open.
func askHealth(conn net.Conn) error {
	if _, err := io.WriteString(conn, healthRequest); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != 200 {
		return fmt.Errorf("status %d, %w", answer.StatusCode, err)
	}
	return nil
}

// Connections without a request, however many, keep nobody from the page:
// those that never sent one, that sent a part of one, and that got an answer.
func TestIdleConnections(t *testing.T) {
	c := start(t, Options{})
	for name, idle := range map[string]func(net.Conn) error{
		"silent":     func(net.Conn) error { return nil },
		"incomplete": func(conn net.Conn) error { _, err := io.WriteString(conn, "GET / HTTP/1.1\r\n"); return err },
		"answered":   askHealth,
	} {
		t.Run(name, func(t *testing.T) {
			for range maxConns + 20 {
				if err := idle(pageConn(t, c)); err != nil {
					t.Fatal(err)
				}
			}
			for range 3 {
				if err := askHealth(pageConn(t, c)); err != nil {
					t.Errorf("beside them: %v", err)
				}
			}
		})
	}
}

// A connection with a request is not closed to make room. If each has one, the
// new one is closed and reported.
func TestBusyConnections(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	full := make(chan error, 1)
	l := limitConns(inner, 2, func(err error) { full <- err })
	begun, end := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		begun <- struct{}{}
		<-end
	})
	server := &http.Server{ConnContext: connContext, Handler: markServing(handler)}
	served := make(chan struct{})
	go func() { server.Serve(l); close(served) }()
	t.Cleanup(func() { server.Close(); <-served })
	addr := inner.Addr().String()
	busy := [2]net.Conn{connTo(t, addr), connTo(t, addr)}
	for _, conn := range busy {
		if _, err := io.WriteString(conn, healthRequest); err != nil {
			t.Fatal(err)
		}
		<-begun
	}
	if n, err := connTo(t, addr).Read(make([]byte, 1)); err == nil {
		t.Errorf("a connection too many was sent %d bytes", n)
	}
	if err := <-full; !strings.Contains(err.Error(), "2 are open") {
		t.Errorf("it was reported as %v", err)
	}
	close(end)
	for _, conn := range busy {
		if answer, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || answer.StatusCode != 200 {
			t.Errorf("a busy connection: %v, %v", answer, err)
		}
	}
	// Both are idle now: there is room again.
	go func() { <-begun }()
	if err := askHealth(connTo(t, addr)); err != nil {
		t.Error(err)
	}
}

// A reader that takes nothing is cut off when the write to it is at its
// deadline.
func TestSlowReader(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the deadline of a write")
	}
	c := start(t, Options{})
	frames := make([]string, 300)
	for i := range frames {
		frames[i] = frame("TTP_a", strings.Repeat("x", 60_000))
	}
	send(t, c, "TTP Logs", frames...)
	await(t, c, Query{}, len(frames))
	page := strings.TrimSuffix(strings.TrimPrefix(c.PageURL(), "http://"), "/")
	conn, err := net.Dial("tcp", page)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprint(conn, "GET /api/export HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(tailWrite + time.Second)
	// What the kernels hold is still there, but not all.
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, conn)
	if n >= 300*60_000 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a reader that slept was sent %d bytes, %v", n, err)
	}
}
