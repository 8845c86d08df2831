// Package conn connects to servers over TCP, TLS and UDP, and finds out which bytes have
// reached them.
package conn

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// Errors of a connection.
var (
	// ErrClosed means that the server closed the connection.
	ErrClosed = errors.New("the server closed the connection")
	// ErrRefused means that nothing listens at the address.
	ErrRefused = errors.New("the server refused the connection")
	// ErrTLS means that the connection could not be secured, or that the server
	// rejected the client's certificate.
	ErrTLS = errors.New("TLS")
	// ErrNotAccepted means that the server closes each connection after the first
	// bytes.
	ErrNotAccepted = errors.New("the server closes each connection at once")
)

// A Link is a way to the server. It is open until it fails or is closed. One goroutine
// uses it; Gone may be used by any.
type Link interface {
	// Write writes from the beginning of frames and returns how many bytes of
	// them were written. It need not write all of them, and stops when the context
	// ends.
	Write(ctx context.Context, frames []byte) (int, error)
	// Reached returns how many of the bytes written so far have reached the
	// server's kernel, or all of them if that cannot be known.
	Reached() int
	// TrialTime returns how long the link may take until bytes count as having
	// reached the server.
	TrialTime() time.Duration
	// Gone is closed when the connection is closed. Then Cause returns why.
	Gone() <-chan struct{}
	Cause() error
	// Finish ends the stream of frames, and reports whether the server then closes
	// the connection in order: its process has read all of them.
	Finish(context.Context) bool
	Close()
}

// A Dialer opens links.
type Dialer func(context.Context) (Link, error)

// Config configures the links to a server.
type Config struct {
	// Dial connects to the server. It may be nil.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	WriteTimeout time.Duration // of one write
	DeadAfter    time.Duration // until a silent connection is considered dead
	QueueBytes   int           // memory for frames that wait for acknowledgments

	TLS func(host string) (*tls.Config, error) // for the scheme tls

	// For the scheme udp.
	Compress Compression
	Shorten  func(frame []byte, limit int) []byte
}

// NewDialer returns a dialer for a server.
func NewDialer(addr Address, cfg Config) Dialer {
	switch addr.Network {
	case "tls":
		return dialTLS(addr, &cfg)
	case "udp":
		return dialUDP(addr, &cfg)
	default:
		return dialTCPStream(addr, &cfg)
	}
}
