package delivery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
)

// Delivery configures how frames are delivered. The zero value of each field selects
// its default.
type Config struct {
	// Queue is the memory for frames that wait for delivery.
	// (Default: 8 MiB.)
	QueueBytes int

	// Overflow selects what happens to a frame that does not fit into the queue.
	// The last quarter of the queue is reserved for urgent frames.
	// (Default: OverflowDropNewest.)
	Overflow Overflow

	// BlockTimeout is how long a frame waits for room with OverflowBlock.
	// (Default: 1 s.)
	BlockTimeout time.Duration

	// Redeliver is the number of bytes that are sent again on a new connection
	// although the server's kernel acknowledged them on the old one: a server
	// that crashes loses what is in its buffers. They are part of Queue.
	// (Default: 0, or 256 KiB on systems without TCP_INFO.)
	RedeliverBytes int

	// SpoolDir is the directory for frames that have waited for half of
	// SpoolInterval, do not fit into memory, or are not delivered at Close. They
	// are sent first, in order, after a restart. One client at a time can use the
	// directory: another one keeps its frames in memory until it can take over
	// the directory and the frames in it. The directory must belong to this user
	// or root, and must not be writable for all users.
	// (Default: none; frames are kept in memory only.)
	SpoolDir string

	// SpoolBytes is the maximum size of SpoolDir on disk.
	// (Default: 1 GiB.)
	SpoolBytes int64

	// SpoolInterval is the longest time that an undelivered frame is in memory
	// only. A process that is killed does not lose an older one, even if the disk
	// is busy. It does not limit the time until the disk has synced the frame,
	// which matters only if the machine fails.
	// (Default: 1 s.)
	SpoolInterval time.Duration

	// TLS is for servers with the scheme tls.
	TLS TLS

	// Compress is for servers with the scheme udp.
	// (Default: CompressGzip.)
	Compress Compress

	// Dial connects to the server, for example through a proxy. The network is
	// "tcp" or "udp". It is called on the goroutine that delivers, and must return
	// when the context ends.
	// (Default: connect directly.)
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	// DialTimeout limits one attempt to connect, including the TLS handshake.
	// (Default: 5 s.)
	DialTimeout time.Duration

	// WriteTimeout limits one write of up to 64 KiB. If the server does not read
	// for this long, the client connects again.
	// (Default: 10 s.)
	WriteTimeout time.Duration

	// DeadAfter is how long written frames may remain unacknowledged by the
	// server's kernel before the connection is considered dead.
	// (Default: 20 s.)
	DeadAfter time.Duration

	// IdleTimeout is how long an idle connection is kept open. Load balancers
	// commonly cut idle connections after 60 s.
	// (Default: 50 s.)
	IdleTimeout time.Duration

	// MinBackoff and MaxBackoff limit the pause before the next attempt to
	// connect. It is random, below a limit that doubles from MinBackoff to
	// MaxBackoff.
	// (Default: 100 ms and 30 s.)
	MinBackoff, MaxBackoff time.Duration

	// OnError is called with each error: failed and broken connections, dropped
	// frames, failures of the spool. It is called on its own goroutine, one call
	// at a time, and may log or block: up to 16 errors wait for it, and more are
	// counted in the next one.
	// (Default: write a line to standard error, at most one every 10 s, and one
	// about the frames dropped by Close.)
	OnError func(error)

	// DropNotice returns an urgent frame that tells the server how many frames
	// were dropped since the last notice. It is called once frames are delivered
	// again.
	// (Default: no notice.)
	DropNotice func(Dropped) []byte

	// Shorten returns a frame, without its NUL, of at most limit bytes that
	// replaces a frame which is too large for UDP.
	// (Default: such a frame is dropped and reported.)
	Shorten func(frame []byte, limit int) []byte
}

const defaultQueue = 8 << 20

// check returns an error that names each invalid value and what to do about it.
func (d *Config) check(addr conn.Address) error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf("delivery: "+format, args...)) }
	for _, n := range []struct {
		name  string
		bytes int64
		zero  string
	}{
		{"QueueBytes", int64(d.QueueBytes), "8 MiB"},
		{"RedeliverBytes", int64(d.RedeliverBytes), "the default"},
		{"SpoolBytes", d.SpoolBytes, "1 GiB"},
	} {
		if n.bytes < 0 {
			add("%s is %d: use a positive number of bytes, or 0 for %s", n.name, n.bytes, n.zero)
		}
	}
	for _, t := range []struct {
		name  string
		value time.Duration
	}{
		{"DialTimeout", d.DialTimeout},
		{"WriteTimeout", d.WriteTimeout},
		{"DeadAfter", d.DeadAfter},
		{"IdleTimeout", d.IdleTimeout},
		{"BlockTimeout", d.BlockTimeout},
		{"SpoolInterval", d.SpoolInterval},
		{"MinBackoff", d.MinBackoff},
		{"MaxBackoff", d.MaxBackoff},
	} {
		if t.value < 0 {
			add("%s is %v: use a positive duration, or 0 for the default", t.name, t.value)
		}
	}
	queue := d.QueueBytes
	setDefault(&queue, defaultQueue)
	if d.RedeliverBytes > queue/2 {
		add("RedeliverBytes is %d: use at most half of QueueBytes, which is %d", d.RedeliverBytes, queue)
	}
	if d.Overflow < OverflowDropNewest || d.Overflow > OverflowSpool {
		add("Overflow is %d: use OverflowDropNewest, OverflowDropOldest, OverflowBlock or OverflowSpool", d.Overflow)
	}
	if d.Overflow == OverflowSpool && d.SpoolDir == "" {
		add("Overflow is OverflowSpool, but SpoolDir is empty: set it")
	}
	if d.Compress < CompressGzip || d.Compress > CompressNone {
		add("Compress is %d: use CompressGzip, CompressZlib or CompressNone", d.Compress)
	}
	if (d.TLS.CertFile == "") != (d.TLS.KeyFile == "") {
		add("CertFile is %q and KeyFile is %q: set both", d.TLS.CertFile, d.TLS.KeyFile)
	}
	if d.TLS.isSet() && addr.Network != "" && addr.Network != "tls" {
		add("TLS is set, but the server %q is not secured: use tls://", addr)
	}
	if d.MaxBackoff > 0 && d.MinBackoff > d.MaxBackoff {
		add("MinBackoff (%v) is greater than MaxBackoff (%v): swap them", d.MinBackoff, d.MaxBackoff)
	}
	return errors.Join(errs...)
}

func (d *Config) setDefaults() {
	setDefault(&d.QueueBytes, defaultQueue)
	setDefault(&d.RedeliverBytes, min(conn.DefaultRedeliver, d.QueueBytes/4))
	setDefault(&d.BlockTimeout, time.Second)
	setDefault(&d.SpoolBytes, 1<<30)
	setDefault(&d.SpoolInterval, time.Second)
	setDefault(&d.DeadAfter, 20*time.Second)
	setDefault(&d.IdleTimeout, 50*time.Second)
	setDefault(&d.DialTimeout, 5*time.Second)
	setDefault(&d.WriteTimeout, 10*time.Second)
	setDefault(&d.MinBackoff, 100*time.Millisecond)
	setDefault(&d.MaxBackoff, max(30*time.Second, d.MinBackoff))
}

// setDefault sets *field to value if it is zero.
func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
