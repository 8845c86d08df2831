package handler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/internal/encode"
)

// A Handler is a [slog.Handler] that sends records to Graylog. Create it with [New].
// Its methods are safe for concurrent use.
type Handler struct {
	*core
	bound *encode.Bound

	// last lists the same attributes and groups as they were logged. The handler
	// has either bound ones or, if filters or a converter need them, these.
	last *binding
}

// A core is shared by a handler and all handlers made from it with WithAttrs and
// WithGroup.
type core struct {
	format  *encode.Format
	client  *delivery.Client
	cfg     Config
	whole   bool  // filters or a converter need the whole record
	refused error // why this is a fallback

	_        [64]byte // seq changes with each record, the fields above never do
	seq      atomic.Uint64
	_        [56]byte
	filtered atomic.Uint64
	diverted atomic.Uint64
	panicked atomic.Uint64
	unsent   atomic.Bool // the last record from FlushLevel on was not delivered in time
}

// New returns a handler. It does not wait for the network: the handler connects when
// the first record is logged. The error names each invalid value and what to do about
// it.
func New(cfg Config) (*Handler, error) {
	rules, err := censor.New(cfg.Censor, cfg.CensorValues)
	if err = errors.Join(cfg.check(), err); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	c := &core{cfg: cfg, whole: len(cfg.Filters) > 0 || cfg.Converter != nil}
	if err := c.connect(); err != nil {
		return nil, err
	}
	c.format = encode.New(encode.Config{
		Host:           cfg.Host,
		Logger:         cfg.Logger,
		AddSource:      cfg.AddSource && cfg.Converter == nil, // a converter adds it
		AddEvent:       cfg.AddEvent,
		AddLevelName:   cfg.AddLevelName,
		AddLevelNumber: cfg.AddLevelNumber,
		ReplaceAttr:    cfg.ReplaceAttr,
		Censor:         rules,
		Report:         c.client.Report,
		ReportKey: func(key, field, problem string) {
			c.client.Report(&KeyError{key, field, problem})
		},
	})
	return &Handler{core: c, bound: c.format.WithFields(new(encode.Bound), cfg.fields()...)}, nil
}

// connect creates the client. It calls dropNotice only after records were logged.
func (c *core) connect() (err error) {
	cfg := c.cfg.Delivery
	if c.cfg.Writer != nil {
		c.client = delivery.NewWriter(c.cfg.Writer, cfg)
		return nil
	}
	if cfg.DropNotice == nil {
		cfg.DropNotice = c.dropNotice
	}
	if cfg.Shorten == nil {
		cfg.Shorten = encode.Shorten
	}
	c.client, err = delivery.New(c.cfg.Server, cfg)
	return err
}

// Enabled reports whether records of the level are sent.
func (h *Handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.cfg.Level.Level()
}

// Handle encodes the record and queues it; the record is sent in the background. It
// does not wait for the network unless the configuration demands it (OverflowBlock,
// FlushLevel), and ignores the cancellation of the context. The error is not nil only
// if the record was dropped: [delivery.ErrQueueFull], [delivery.ErrClosed], a panic in
// a callback, or an error of the Writer. After Close the record goes to standard error.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if h.whole {
		return h.handleWhole(ctx, r)
	}
	if h.cfg.ReplaceAttr != nil || len(h.cfg.AttrFromContext) > 0 {
		return h.handleGuarded(ctx, r)
	}
	return h.handle(&r, nil)
}

// handleGuarded is handle for configurations with callbacks, which may panic.
func (h *Handler) handleGuarded(ctx context.Context, r slog.Record) (err error) {
	defer func() {
		if p := recover(); p != nil {
			h.recovered("AttrFromContext or ReplaceAttr", p, &err)
		}
	}()
	return h.handle(&r, h.fromContext(ctx))
}

func (h *Handler) fromContext(ctx context.Context) (attrs []slog.Attr) {
	for _, from := range h.cfg.AttrFromContext {
		attrs = append(attrs, from(ctx)...)
	}
	return attrs
}

func (h *Handler) handle(r *slog.Record, fromContext []slog.Attr) error {
	return h.send(r, h.format.Encode(r, h.seq.Add(1), h.bound, fromContext, 0))
}

// send queues an encoded record and releases it.
func (h *Handler) send(r *slog.Record, frame *encode.Frame) error {
	line := frame.Bytes()
	err := h.client.Send(line, r.Level >= slog.LevelWarn)
	if err == delivery.ErrClosed {
		h.diverted.Add(1)
		line[len(line)-1] = '\n'
		os.Stderr.Write(line)
	}
	frame.Free()
	if h.cfg.FlushLevel != nil && err == nil && r.Level >= h.cfg.FlushLevel.Level() {
		h.flushRecord()
	}
	return err
}

// flushRecord waits until the last record is delivered, for at most FlushTimeout. After
// one wait without success it does not wait again until delivery works: an outage must
// not delay every call.
func (c *core) flushRecord() {
	if c.unsent.Load() && c.client.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.cfg.FlushTimeout)
	defer cancel()
	c.unsent.Store(!c.client.Delivered(ctx))
}

// dropNotice returns the frame of a record that reports dropped records, so that people
// see the loss in Graylog. It runs on the goroutine that delivers.
func (c *core) dropNotice(d delivery.Dropped) []byte {
	r := slog.NewRecord(time.Now(), slog.LevelWarn, fmt.Sprintf("%d records dropped", d.Total()), 0)
	frame := c.format.EncodeOwn(&r, c.seq.Add(1),
		slog.Uint64("dropped_queue_full", d.QueueFull), slog.Uint64("dropped_oldest", d.Oldest))
	defer frame.Free()
	return slices.Clone(frame.Bytes())
}

// WithAttrs returns a handler whose records have these attributes too. They are encoded
// once, unless there are filters or a converter.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	h2 := *h
	if h.whole {
		h2.last = h.bind(attrs)
	} else {
		h2.bound = h.format.WithAttrs(h.bound, attrs)
	}
	return &h2
}

// WithGroup returns a handler that puts further attributes into the group: their names
// in Graylog begin with the group's name.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	h2 := *h
	if h.whole {
		h2.last = &binding{before: h.last, group: name}
	} else {
		h2.bound = h.format.WithGroup(h.bound, name)
	}
	return &h2
}

// Flush waits until all records logged before it are delivered; see
// [delivery.Client.Flush].
func (h *Handler) Flush(ctx context.Context) error { return h.client.Flush(ctx) }

// Shutdown delivers the queued records and closes the handler and all handlers made
// from it; see [delivery.Client.Shutdown]. Records logged afterwards go to standard
// error.
func (h *Handler) Shutdown(ctx context.Context) error { return h.client.Shutdown(ctx) }

// Close calls [Handler.Shutdown] with a timeout of 5 s.
func (h *Handler) Close() error { return h.client.Close() }

// Err returns why records are not being delivered, or nil while they are.
func (h *Handler) Err() error {
	if h.refused != nil {
		return h.refused
	}
	return h.client.Err()
}

// Logger returns the field logger of the records.
func (h *Handler) Logger() string { return h.cfg.Logger }
