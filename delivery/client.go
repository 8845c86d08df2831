package delivery

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/delivery/internal/queue"
)

// A Client delivers GELF frames to a server in the background. Create it with [New] or
// [NewWriter]. Its methods are safe for concurrent use.
type Client struct {
	sink     sink
	reporter *reporter
}

// New returns a client that delivers to a server, for example
// "tcp://graylog.example:12201"; see [ParseServer]. It does not wait for the network:
// the client connects when the first frame is sent. The error names each invalid value
// and what to do about it.
func New(server string, cfg Config) (*Client, error) {
	addr, err := conn.ParseAddress(server, DefaultPort)
	if err = errors.Join(cfg.check(addr), err); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	r := newReporter(cfg.OnError)
	return &Client{newTransport(addr, &cfg, r.report), r}, nil
}

// Send queues a frame: a GELF message in JSON with a NUL byte at its end and nowhere
// else. It does not keep the frame, and does not wait unless Overflow is
// [OverflowBlock]. Urgent frames may use the last quarter of the queue, and are
// dropped last. The error is [ErrQueueFull], [ErrClosed] or
// [ErrTooLarge], or an error of the writer.
func (c *Client) Send(frame []byte, urgent bool) error { return c.sink.put(frame, urgent) }

// Flush waits until all frames sent before it are delivered, the context ends, or the
// client is closed. It returns an [*UndeliveredError] if some of them are not
// delivered, or were dropped since the last Flush. Flush cuts short the pause before
// the next attempt to connect.
func (c *Client) Flush(ctx context.Context) error { return c.sink.flush(ctx) }

// Delivered waits until all frames sent before it are delivered, the context ends, or
// the client is closed, and reports whether they are. Unlike Flush it does not report
// drops, and does not cut a pause short.
func (c *Client) Delivered(ctx context.Context) bool { return c.sink.sent(ctx) }

// Shutdown delivers what is queued, as [Client.Flush] does, and closes the client.
// Frames that are not delivered when the context ends are dropped and counted. With a
// SpoolDir they are written there, and Shutdown returns once they are, unless a
// connection makes progress: if it returns nil, every frame is delivered or in the
// spool. The error is passed to OnError too, because a deferred call discards it.
// Shutdown may be called more than once.
func (c *Client) Shutdown(ctx context.Context) error {
	err := c.sink.shutdown(ctx)
	if err != nil {
		c.reporter.reportLast(err)
	}
	return err
}

// CloseTimeout is how long [Client.Close] waits for the frames in the queue.
const CloseTimeout = 5 * time.Second

// Close calls [Client.Shutdown] with a timeout of [CloseTimeout].
func (c *Client) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), CloseTimeout)
	defer cancel()
	return c.Shutdown(ctx)
}

// Err returns why frames are not being delivered, or nil while they are.
func (c *Client) Err() error { return c.sink.err() }

// Stats returns the counters. They are consistent with each other.
func (c *Client) Stats() (s Stats) {
	c.sink.addStats(&s)
	return s
}

// Report passes an error to OnError, in the same way as the client's own errors.
func (c *Client) Report(err error) { c.reporter.report(err) }

// A sink receives the frames of a client. See the methods of [Client].
type sink interface {
	put(frame []byte, urgent bool) error // must not keep the frame
	flush(context.Context) error
	sent(context.Context) bool
	shutdown(context.Context) error
	addStats(*Stats)
	err() error
}

// A transport is the sink that sends frames to a server: a queue and a sender.
type transport struct {
	queue  *queue.Queue
	sender *sender
	start  sync.Once
	ctx    context.Context // of the sender
	stop   context.CancelFunc

	stopSpool context.CancelFunc // nil without a spool
	warned    atomic.Bool        // shutdown has returned an error about frames at risk

	maxFrame int           // bytes; 0 without a limit
	tooLarge atomic.Uint64 // frames above it
}

func newTransport(addr conn.Address, d *Config, report func(error)) *transport {
	blockTimeout := d.BlockTimeout
	if d.Overflow != OverflowBlock {
		blockTimeout = 0
	}
	q := queue.New(queue.Config{
		Bytes:         d.QueueBytes,
		KeepBytes:     d.RedeliverBytes,
		DropOldest:    d.Overflow == OverflowDropOldest,
		BlockTimeout:  blockTimeout,
		SpoolDir:      d.SpoolDir,
		SpoolBytes:    d.SpoolBytes,
		SpoolInterval: d.SpoolInterval,
		Report:        report,
	})
	dial := conn.NewDialer(addr, conn.Config{
		Dial:         d.Dial,
		WriteTimeout: d.WriteTimeout,
		DeadAfter:    d.DeadAfter,
		QueueBytes:   d.QueueBytes,
		TLS:          d.TLS.ClientConfig,
		Compress:     conn.Compression(d.Compress),
		Shorten:      d.Shorten,
	})
	ctx, stop := context.WithCancel(context.Background())
	w := &transport{queue: q, sender: newSender(q, addr.String(), d, dial, report), ctx: ctx, stop: stop}
	if addr.Network == "udp" && d.Shorten == nil {
		w.maxFrame = conn.MaxDatagrams + len("\x00")
	}
	if q.Spools() {
		w.startSpool()
	}
	return w
}

// startSpool starts the spooler and the sender at once: the spool may contain frames of an
// earlier process.
func (w *transport) startSpool() {
	ctx, stop := context.WithCancel(context.Background())
	w.stopSpool = stop
	go w.queue.Spool(ctx)
	w.sender.end = func(kept []byte) {
		w.queue.Keep(kept)
		stop()
		<-w.queue.SpoolEnded()
	}
	w.start.Do(func() { go w.sender.run(w.ctx) })
}

func (w *transport) put(frame []byte, urgent bool) error {
	if w.maxFrame > 0 && len(frame) > w.maxFrame {
		w.tooLarge.Add(1)
		return ErrTooLarge
	}
	// A client that never sends has no goroutine and need not be closed.
	w.start.Do(func() { go w.sender.run(w.ctx) })
	return w.queue.Put(frame, urgent)
}

func (w *transport) shutdown(ctx context.Context) error {
	w.queue.Close()
	w.start.Do(func() { close(w.sender.ended) })
	if w.queue.Spools() {
		return w.shutdownSpool(ctx)
	}
	err := w.flush(ctx)
	if u := new(UndeliveredError); !errors.As(err, &u) || u.Queued == 0 {
		// The sender ends once it has sent the notice about drops.
		ctx, cancel := context.WithTimeout(ctx, CloseTimeout)
		defer cancel()
		select {
		case <-w.sender.ended:
		case <-ctx.Done():
		}
	}
	w.stop()
	select {
	case <-w.sender.ended:
	case <-time.After(endTimeout):
	}
	return err
}

// endTimeout is how long shutdown waits for the sender or the spooler after the context has
// ended.
const endTimeout = time.Second

func (w *transport) flush(ctx context.Context) error { return w.sender.flush(ctx) }

func (w *transport) sent(ctx context.Context) bool { return w.queue.Sent(ctx) }

func (w *transport) err() error { return w.sender.err() }

func (w *transport) addStats(s *Stats) {
	q := w.queue.Stats()
	*s = Stats{
		Accepted:    q.In + q.Full,
		Sent:        q.Delivered,
		SentBytes:   q.DeliveredBytes,
		Queued:      q.Queued,
		QueuedBytes: q.QueuedBytes,
		Spooled:     q.Spooled,
		SpoolBytes:  q.SpoolBytes,
		Dropped: Dropped{
			QueueFull: q.Full,
			Oldest:    q.Oldest,
			Closed:    q.Closed,
			Damaged:   q.Damaged,
			Failed:    w.tooLarge.Load(),
		},
	}
	s.Accepted += s.Dropped.Failed
	w.sender.addStats(s)
}
