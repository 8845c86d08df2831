package handler

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// A Handler is a [slog.Handler] that sends records to Graylog. Make one with
// [New]. All its methods may be called from several goroutines at once.
type Handler struct {
	*core

	// Attributes bound by WithAttrs, encoded.
	attrs     boundText
	names     nameSet
	moves     int64 // this and what follows is explained at encoder
	details   []detail
	truncated []byte
	parent    *field
	group     []byte // path of the open groups
	groups    []string
	hidden    []byte // path of the outermost open group that is censored

	// The same attributes and groups as they came, for the filters. It is nil
	// where there are none, as the encoded form is where there are.
	last *binding
}

// A core is what a handler shares with those made from it.
type core struct {
	format
	opts     Options
	sink     sink
	reporter *reporter
	whole    bool  // records have to be put together before they are encoded
	refused  error // why this is a fallback

	seq      atomic.Uint64
	filtered atomic.Uint64
	diverted atomic.Uint64
	panicked atomic.Uint64
	unsent   atomic.Bool // the last record from FlushLevel on was not sent in time
}

// New returns a handler. It connects in the background, when the first record
// is logged, and never waits for the network. The error is that of the
// options: it names what is wrong with each and what to do.
func New(opts Options) (*Handler, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	hidden, err := newCensor(opts.Censor, opts.CensorValues)
	if err != nil {
		return nil, err
	}
	opts.setDefaults()
	rep := newReporter(opts.OnError)
	c := &core{
		format: format{
			fields:    newFieldTable(hidden, rep.report),
			head:      newHead(opts.Host, opts.Logger),
			censor:    hidden,
			replace:   opts.ReplaceAttr,
			addSource: opts.AddSource && opts.Converter == nil, // a converter does it
			simple:    opts.ReplaceAttr == nil,
		},
		opts:     opts,
		reporter: rep,
		whole:    len(opts.Filters) > 0 || opts.Converter != nil,
	}
	if opts.Writer != nil {
		c.sink = &lines{w: opts.Writer}
	} else {
		addr, err := parseAddr(opts.Addr, DefaultPort)
		if err != nil {
			return nil, err
		}
		c.sink = newWire(addr, &c.opts.Delivery, c.reporter.report, c.recordLosses)
	}
	h := &Handler{core: c}
	var own []slog.Attr
	if opts.FilePath != "" {
		own = append(own, slog.String("file_path", opts.FilePath))
	}
	if opts.AddProcess {
		own = append(own, slog.Int("pid", os.Getpid()), slog.String("process_name", filepath.Base(os.Args[0])))
	}
	// These are not the application's attributes: ReplaceAttr does not see them.
	h.encodeBound(func(e *encoder) {
		for _, a := range own {
			e.field(a.Key, a.Value)
		}
	})
	return h, nil
}

// Enabled reports whether records of the level are sent.
func (h *Handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.opts.Level.Level()
}

// Handle encodes the record and puts it into the queue, from which it is sent
// in the background. It does not wait for the network unless the options say so
// (Block, FlushLevel), whatever the context. The error is not nil only if the
// record was dropped; it is one of this package's.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if h.whole {
		return h.handleWhole(ctx, r)
	}
	if h.replace != nil || len(h.opts.AttrFromContext) > 0 {
		return h.handleGuarded(ctx, r)
	}
	return h.handle(&r, nil)
}

// handleGuarded is handle for options with callbacks, which may panic.
func (h *Handler) handleGuarded(ctx context.Context, r slog.Record) (err error) {
	defer func() { h.recovered("AttrFromContext or ReplaceAttr", recover(), &err) }()
	return h.handle(&r, h.fromContext(ctx))
}

func (h *Handler) fromContext(ctx context.Context) (attrs []slog.Attr) {
	for _, from := range h.opts.AttrFromContext {
		attrs = append(attrs, from(ctx)...)
	}
	return attrs
}

func (h *Handler) handle(r *slog.Record, fromContext []slog.Attr) error {
	return h.send(r, func(e *encoder) {
		for _, a := range fromContext {
			e.attr(a)
		}
		e.enter(h)
		r.Attrs(func(a slog.Attr) bool {
			e.attr(a)
			return true
		})
	})
}

// send encodes one record and puts it into the sink.
func (h *Handler) send(r *slog.Record, attrs func(*encoder)) error {
	e := h.encode(r, attrs)
	err := h.put(e.buf, r.Level >= slog.LevelWarn)
	e.free()
	if h.opts.FlushLevel != nil && err == nil && r.Level >= h.opts.FlushLevel.Level() {
		h.flushRecord()
	}
	return err
}

func (h *Handler) encode(r *slog.Record, attrs func(*encoder)) *encoder {
	e := newEncoder(&h.format)
	e.begin(r, h.seq.Add(1))
	e.bound(h)
	if h.addSource {
		e.source(r.PC)
	}
	attrs(e)
	e.end()
	return e
}

// put hands a frame to the sink, and to standard error after Close.
func (h *Handler) put(frame []byte, urgent bool) error {
	err := h.sink.put(frame, urgent)
	if err == ErrClosed {
		h.diverted.Add(1)
		frame[len(frame)-1] = '\n'
		os.Stderr.Write(frame)
	}
	return err
}

// flushRecord waits until the record that was just logged is sent, for FlushTimeout
// at most. After a wait in vain it does not wait again until delivery works: an
// outage must not cost each call that time.
func (c *core) flushRecord() {
	if c.unsent.Load() && c.sink.err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.opts.FlushTimeout)
	defer cancel()
	c.unsent.Store(!c.sink.sent(ctx))
}

// WithAttrs returns a handler whose records have these attributes too. They
// are encoded here, once, unless there are filters or a converter.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	h2 := h.clone()
	if h.whole {
		h2.last = &binding{before: h.last, attrs: slices.Clone(attrs)}
		return h2
	}
	h2.encodeBound(func(e *encoder) {
		defer func() {
			if r := recover(); r != nil {
				h.reporter.report(panicError("ReplaceAttr", r))
			}
		}()
		e.enter(h2)
		for _, a := range attrs {
			e.attr(a)
		}
	})
	return h2
}

// WithGroup returns a handler whose further attributes are in the group. Their
// names in Graylog begin with the group's.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	h2 := h.clone()
	if h.whole {
		h2.last = &binding{before: h.last, group: name}
		return h2
	}
	e := newEncoder(&h.format)
	e.enter(h)
	e.open(name)
	h2.group, h2.groups, h2.hidden = slices.Clone(e.group), slices.Clone(e.groups), slices.Clone(e.hidden)
	h2.parent = e.parent
	e.free()
	return h2
}

// clone returns a copy that shares the core and nothing that can be appended to.
func (h *Handler) clone() *Handler {
	h2 := *h
	return &h2
}

// Flush waits until all records logged before it are sent, the context ends, or the
// handler is closed.
// The error is an [*UndeliveredError] if some of them are not sent, or were
// dropped since the last Flush. Flush cuts short the pause before the next attempt
// to connect.
func (h *Handler) Flush(ctx context.Context) error { return h.sink.flush(ctx) }

// Shutdown sends what is in the queue, as [Handler.Flush] does, and closes the
// handler and all those made from it. Records that are not sent when the context
// ends are dropped and counted. With a SpoolDir they are written there, and Shutdown
// returns as soon as they are, unless a connection makes progress: if it returns
// nil, every record is sent or in the spool. Records that are logged after it go to
// standard error. The error is passed to OnError as well, since a deferred call
// discards it. Shutdown may be called more than once.
func (h *Handler) Shutdown(ctx context.Context) error {
	err := h.sink.shutdown(ctx)
	if err != nil {
		h.reporter.reportLast(err)
	}
	return err
}

// CloseTimeout is how long [Handler.Close] waits for the records in the queue.
const CloseTimeout = 5 * time.Second

// Close is [Handler.Shutdown] with five seconds' time.
func (h *Handler) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), CloseTimeout)
	defer cancel()
	return h.Shutdown(ctx)
}

// Err returns why records are not delivered at present, and nil while they are.
func (h *Handler) Err() error {
	if h.refused != nil {
		return h.refused
	}
	return h.sink.err()
}

// Stats returns the counters. They fit together, whatever happens meanwhile.
func (h *Handler) Stats() Stats {
	s := Stats{Filtered: h.filtered.Load(), Diverted: h.diverted.Load(), Retyped: h.fields.retyped.Load()}
	s.Dropped.Panic = h.panicked.Load()
	s.Accepted = s.Dropped.Panic
	h.sink.addStats(&s)
	return s
}
