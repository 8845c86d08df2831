package delivery

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/delivery/internal/queue"
	"github.com/aimakerspace/synlogger/internal/spool"
)

// Errors of [Client.Send]. The frame is counted in each case.
var (
	// ErrQueueFull means that the frame was dropped because the queue is full.
	ErrQueueFull = queue.ErrFull
	// ErrClosed means that the client has been closed.
	ErrClosed = queue.ErrClosed
	// ErrTooLarge means that the frame does not fit into the datagrams of UDP, and
	// that [Config.Shorten] is nil.
	ErrTooLarge = fmt.Errorf("delivery: the frame has more than %d bytes, which UDP cannot carry", conn.MaxDatagrams)
)

// Errors that a [*ConnectionError] wraps; use [errors.Is].
var (
	// ErrRefused means that nothing listens at the address of the server.
	ErrRefused = conn.ErrRefused
	// ErrTLS means that the connection could not be secured: a certificate is not
	// valid, a file cannot be read, or the server rejects the client's certificate.
	ErrTLS = conn.ErrTLS
	// ErrNotAccepted means that the server closes each connection after the first
	// bytes: it expects TLS or another protocol.
	ErrNotAccepted = conn.ErrNotAccepted
)

// Errors of the spool; use [errors.Is].
var (
	// ErrSpoolLocked means that another process or client uses SpoolDir.
	ErrSpoolLocked = spool.ErrLocked
	// ErrSpoolFull means that SpoolBytes is reached.
	ErrSpoolFull = spool.ErrFull
	// ErrSpoolDamaged means that frames in SpoolDir cannot be read.
	ErrSpoolDamaged = spool.ErrDamaged
	// ErrSpoolUnsafe means that other users could write to SpoolDir.
	ErrSpoolUnsafe = spool.ErrUnsafe
)

// A ConnectionError means that a connection failed. It is passed to OnError and returned
// by [Client.Err].
type ConnectionError struct {
	Op     string // "connect to" or "send to"
	Server string // for example "tcp://graylog.example:12201"
	Err    error
}

func (e *ConnectionError) Error() string {
	return fmt.Sprintf("delivery: %s %s: %v", e.Op, e.Server, e.Err)
}

func (e *ConnectionError) Unwrap() error { return e.Err }

// An UndeliveredError is returned by [Client.Flush], [Client.Shutdown] and [Client.Close]
// if some of the frames sent before were not delivered.
type UndeliveredError struct {
	Queued  uint64 // frames still queued; for Shutdown, without those in the spool
	Dropped uint64 // frames dropped since the last Flush
	Err     error  // why the wait ended, and why frames are not being delivered; may be nil
}

func (e *UndeliveredError) Error() string {
	text := fmt.Sprintf("delivery: %d records not sent", e.Queued)
	switch {
	case e.Queued == 0:
		text = fmt.Sprintf("delivery: %d records dropped", e.Dropped)
	case e.Dropped > 0:
		text += fmt.Sprintf(", %d dropped", e.Dropped)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *UndeliveredError) Unwrap() error { return e.Err }

// waitEnded returns why a wait ended before all frames were delivered: the context or the
// client has ended.
func waitEnded(ctx context.Context) error { return cmp.Or(context.Cause(ctx), ErrClosed) }
