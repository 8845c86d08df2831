package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/web"
)

const healthRequest = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

// askHealth sends a request on a connection and keeps the connection open.
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

// Idle connections keep nobody from the page, whether they sent nothing, part of a
// request, or received an answer.
func TestIdleConnections(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	for name, idle := range map[string]func(net.Conn) error{
		"silent":     func(net.Conn) error { return nil },
		"incomplete": func(conn net.Conn) error { _, err := io.WriteString(conn, "GET / HTTP/1.1\r\n"); return err },
		"answered":   askHealth,
	} {
		t.Run(name, func(t *testing.T) {
			for range web.MaxConns + 20 {
				if err := idle(collectortest.PageConn(t, c)); err != nil {
					t.Fatal(err)
				}
			}
			for range 3 {
				if err := askHealth(collectortest.PageConn(t, c)); err != nil {
					t.Errorf("beside them: %v", err)
				}
			}
		})
	}
}

// A connection with a request is not closed for a new one. If all have a request, the
// new connection is closed and reported.
func TestBusyConnections(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	full := make(chan error, 1)
	l := web.LimitConns(inner, 2, func(err error) { full <- err })
	begun, end := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		begun <- struct{}{}
		<-end
	})
	server := &http.Server{ConnContext: rest.ConnContext, Handler: web.MarkServing(handler)}
	served := make(chan struct{})
	go func() { server.Serve(l); close(served) }()
	t.Cleanup(func() { server.Close(); <-served })
	addr := inner.Addr().String()
	busy := [2]net.Conn{collectortest.ConnTo(t, addr), collectortest.ConnTo(t, addr)}
	for _, conn := range busy {
		if _, err := io.WriteString(conn, healthRequest); err != nil {
			t.Fatal(err)
		}
		<-begun
	}
	if n, err := collectortest.ConnTo(t, addr).Read(make([]byte, 1)); err == nil {
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
	// Both connections are idle now, so a new one is accepted.
	go func() { <-begun }()
	if err := askHealth(collectortest.ConnTo(t, addr)); err != nil {
		t.Error(err)
	}
}
