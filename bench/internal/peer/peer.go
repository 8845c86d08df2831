// Package peer makes loggers that log the same record through different packages.
package peer

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"go.uber.org/zap/zapcore"
)

// A Log logs the record of the benchmark. Party identifies the goroutine, and round is
// the number of the record.
type Log func(party string, round int)

// A Kind is a variant of the record or of the logger.
type Kind string

// The kinds of the front end.
const (
	Plain  Kind = "5 attributes"
	Bound  Kind = "5 bound + 5"
	Group  Kind = "5 in a group"
	Source Kind = "source"
	Filter Kind = "filter"
	Censor Kind = "censor"
)

// Kinds lists all kinds.
var Kinds = []Kind{Plain, Bound, Group, Source, Filter, Censor}

// A Peer is a package to compare.
type Peer struct {
	Name      string
	Transport string // of the row end to end

	// discard returns a logger that discards its output, or nil if the package does
	// not support the kind. It is nil if the package cannot log without a network.
	discard func(Kind) (Log, func())

	// dial returns a logger for the server at addr, and a function that sends what is
	// buffered.
	dial func(addr string, block bool) (Log, func() error, error)
}

// Peers lists the compared packages. The first is this module's.
var Peers = []Peer{
	{"synlogger", "GELF/TCP", discardSynlogger, dialSynlogger},
	{"slog.JSONHandler", "JSON lines/TCP, 256 KiB buffer", discardJSON, dialJSON},
	{"phuslu/log", "JSON lines/TCP, 256 KiB buffer", discardPhuslu, dialPhuslu},
	{"zap", "GELF keys/TCP, 256 KiB buffer", discardZap, dialZap},
	{"zerolog", "JSON lines/TCP, 256 KiB buffer", discardZerolog, dialZerolog},
	{"slog-graylog", "GELF/UDP", nil, dialSlogGraylog},
	{"go-gelf v1", "GELF/UDP", nil, dialGelf1},
	{"go-gelf v2", "GELF/TCP", nil, dialGelf2},
}

// Find returns the peer with this name.
func Find(name string) (Peer, bool) {
	for _, p := range Peers {
		if p.Name == name {
			return p, true
		}
	}
	return Peer{}, false
}

// Discard returns a logger that discards its output, and a function that closes it. The
// logger is nil if the package has none of this kind.
func (p Peer) Discard(k Kind) (Log, func()) {
	if p.discard == nil {
		return nil, nil
	}
	return p.discard(k)
}

// Dial returns a logger for the server at addr, and a function that sends what is
// buffered and closes it. If block is true, a logger with a choice waits for a slow
// server; otherwise it drops records.
func (p Peer) Dial(addr string, block bool) (Log, func() error, error) { return p.dial(addr, block) }

const (
	message = "round finished"
	loss    = 0.125
	took    = 1500 * time.Millisecond
)

// bound are the attributes of the kind Bound.
var bound = []slog.Attr{
	slog.String("experiment", "exp-1"),
	slog.String("run", "run-2"),
	slog.Int("epoch", 3),
	slog.String("model", "resnet"),
	slog.String("dataset", "mnist"),
}

// slogLog returns a Log that calls h like an application does.
func slogLog(h slog.Handler) Log {
	logger, ctx := slog.New(h), context.Background()
	return func(party string, round int) {
		logger.LogAttrs(ctx, slog.LevelInfo, message,
			slog.String("party", party),
			slog.Int("round", round),
			slog.Float64("loss", loss),
			slog.Bool("converged", false),
			slog.Duration("took", took),
		)
	}
}

// withKind returns h with the attributes or the group of the kind.
func withKind(h slog.Handler, k Kind) slog.Handler {
	switch k {
	case Bound:
		return h.WithAttrs(bound)
	case Group:
		return h.WithGroup("training")
	}
	return h
}

// buffered returns a writer to addr with the buffer of 256 KiB that all loggers without a
// buffer share, and a function that flushes and closes it.
func buffered(addr string) (*zapcore.BufferedWriteSyncer, func() error, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	w := &zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(conn), Size: 256 << 10}
	return w, func() error { return errors.Join(w.Stop(), conn.Close()) }, nil
}

// A discardConn is a connection that discards what is written.
type discardConn struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
}

func dialDiscard(context.Context, string, string) (net.Conn, error) {
	return &discardConn{closed: make(chan struct{})}, nil
}

func (c *discardConn) Write(b []byte) (int, error)      { return len(b), nil }
func (c *discardConn) Read([]byte) (int, error)         { <-c.closed; return 0, io.EOF }
func (c *discardConn) Close() error                     { c.once.Do(func() { close(c.closed) }); return nil }
func (c *discardConn) SetWriteDeadline(time.Time) error { return nil }
