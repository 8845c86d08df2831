package collector

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
)

// A pagePort is the TCP port of the page and the REST API.
type pagePort struct {
	listener net.Listener
	addr     string // as it was configured
	token    string // "" if the port asks for none
}

// listenPage opens the port. On an address that other machines can reach, it makes
// a random token if token is empty, unless noToken is set.
func listenPage(addr, token string, noToken bool) (*pagePort, error) {
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
	return &pagePort{l, addr, token}, nil
}

// close closes the port.
func (p *pagePort) close() error { return p.listener.Close() }

// url returns the address of the page.
func (p *pagePort) url() string {
	addr := p.listener.Addr().(*net.TCPAddr)
	host, port, _ := net.SplitHostPort(addr.String())
	if addr.IP.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}

// entryURL returns the address of the page with the token, which lets a browser in.
func (p *pagePort) entryURL() string {
	if p.token == "" {
		return p.url()
	}
	return p.url() + "?token=" + url.QueryEscape(p.token)
}

// serve serves requests until ctx ends, which ends the requests, too. It calls
// report with each error, and with a name that errors of one cause share.
func (p *pagePort) serve(ctx context.Context, h http.Handler, report func(cause string, err error)) {
	server := &http.Server{
		Handler:           markServing(p.guardHost(p.guardToken(h))),
		ConnContext:       connContext,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      queryTime + 5*time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    256 << 10, // a query of 4,096 characters, each of which may be 12 bytes in a URL
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

// An errorWriter reports what net/http logs.
type errorWriter struct{ report func(cause string, err error) }

func (w errorWriter) Write(p []byte) (int, error) {
	w.report("http", fmt.Errorf("collector: page: %s", strings.TrimSpace(string(p))))
	return len(p), nil
}
