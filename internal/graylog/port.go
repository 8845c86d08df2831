package graylog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// ErrInvalidURL reports that the URL is not the address of Graylog's page.
var ErrInvalidURL = errors.New("invalid URL")

// probeTimeout limits each attempt to find out what listens at a port.
const probeTimeout = 3 * time.Second

// checkPort returns an error if the URL has the wrong scheme, or the port of a GELF
// input, which accepts an HTTP request and never answers it. The cause is the error of a
// request.
func (c *Client) checkPort(ctx context.Context, cause error) error {
	u, err := url.Parse(c.base)
	if err != nil {
		return err
	}
	port, secure := u.Port(), u.Scheme == "https"
	if port == "" && secure {
		port = "443"
	} else if port == "" {
		port = "80"
	}
	address := net.JoinHostPort(u.Hostname(), port)
	fail := func(found, advice string) error {
		return &Error{
			Method: http.MethodGet,
			URL:    c.base,
			Err:    fmt.Errorf("%w: %s", ErrInvalidURL, found),
			Advice: advice,
		}
	}
	if errors.Is(cause, http.ErrSchemeMismatch) {
		return fail("the server does not use TLS", "use http://")
	}
	speaksTLS := probe(ctx, address, true, func(net.Conn) bool { return true })
	switch {
	case probe(ctx, address, speaksTLS, isGELF):
		return fail("the port "+port+" belongs to a GELF input", "use the port of Graylog's page, usually 9000")
	case speaksTLS && !secure:
		return fail("the server expects TLS", "use https://")
	case secure && !speaksTLS && probe(ctx, address, false, isHTTP):
		return fail("the server does not use TLS", "use http://")
	}
	return nil
}

// probe connects to an address, with TLS or without, and calls check. The connection is
// nil if the server speaks TLS and rejects the client.
func probe(ctx context.Context, address string, withTLS bool, check func(net.Conn) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(probeTimeout))
	if withTLS {
		secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // nothing secret is sent
		err := secure.HandshakeContext(ctx)
		if alert := tls.AlertError(0); errors.As(err, &alert) {
			return check(nil) // such as: the client lacks a certificate
		}
		if err != nil {
			return false
		}
		conn = secure
	}
	return check(conn)
}

// isGELF reports whether a GELF input is at the other end. It closes the connection
// after an empty frame, and does not answer. A web server answers, or waits.
func isGELF(conn net.Conn) bool {
	if conn == nil {
		return false
	}
	if _, err := conn.Write([]byte{0}); err != nil {
		return false
	}
	conn.SetReadDeadline(time.Now().Add(time.Second))
	_, err := conn.Read(make([]byte, 1))
	return errors.Is(err, io.EOF)
}

// isHTTP reports whether a web server is at the other end.
func isHTTP(conn net.Conn) bool {
	fmt.Fprint(conn, "GET /api/ HTTP/1.0\r\n\r\n")
	start := make([]byte, 5)
	_, err := io.ReadFull(conn, start)
	return err == nil && strings.HasPrefix(string(start), "HTTP/")
}
