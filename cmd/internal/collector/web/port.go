package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
)

// A Port is the TCP port of the pages and the REST API.
type Port struct {
	listener net.Listener
	addr     string // as it was configured
	token    string // "" if the port requires none
}

// Listen opens the port. If the token is empty and other machines can reach the
// address, it generates a token, unless noToken is set.
func Listen(addr, token string, noToken bool) (*Port, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	switch {
	case noToken:
		token = ""
	case token == "" && !l.Addr().(*net.TCPAddr).IP.IsLoopback():
		token = rand.Text()
	}
	return &Port{l, addr, token}, nil
}

// Close closes the port.
func (p *Port) Close() error { return p.listener.Close() }

// URL returns the address of the page.
func (p *Port) URL() string {
	addr := p.listener.Addr().(*net.TCPAddr)
	host, port, _ := net.SplitHostPort(addr.String())
	if addr.IP.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

// EntryURL returns the address of the page with the token, which gives a browser
// access.
func (p *Port) EntryURL() string {
	if p.token == "" {
		return p.URL()
	}
	return p.URL() + "?token=" + url.QueryEscape(p.token)
}

// Serve serves requests until ctx ends, which also ends the running requests. It calls
// report with each error, and with a name that errors of the same cause share.
func (p *Port) Serve(ctx context.Context, h http.Handler, report func(cause string, err error)) {
	server := &http.Server{
		Handler:           markServing(p.guardHost(p.guardToken(h))),
		ConnContext:       rest.ConnContext,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      api.QueryTimeout + 5*time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    256 << 10, // for a query of 4,096 characters with up to 12 bytes each
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          log.New(errorWriter{report}, "", 0),
	}
	failed := make(chan struct{})
	go func() {
		defer close(failed)
		limited := limitConns(p.listener, maxConns, func(err error) { report("page full", err) })
		if err := server.Serve(limited); !errors.Is(err, http.ErrServerClosed) {
			report("page", fmt.Errorf("collector: page: %w", err))
		}
	}()
	<-ctx.Done()
	end, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if server.Shutdown(end) != nil {
		server.Close()
	}
	<-failed
}

// An errorWriter reports the log of net/http.
type errorWriter struct{ report func(cause string, err error) }

// Write reports a line of the log.
func (w errorWriter) Write(p []byte) (int, error) {
	w.report("http", fmt.Errorf("collector: page: %s", strings.TrimSpace(string(p))))
	return len(p), nil
}
