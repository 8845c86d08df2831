package sysmetric

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// A Handler is a [slog.Handler] whose records carry the hardware fields, each
// those of a reading of its own. The host is read only for records that are
// logged; the level is that of the handler that was given to [New].
//
// The hardware fields are outside of the groups that [slog.Logger.WithGroup]
// opens. An attribute of the application with the key of one of them gets a
// trailing underscore. The methods are safe for concurrent use.
type Handler struct {
	next   slog.Handler // without the groups
	groups []group      // those opened, outermost first
	shared *shared
}

// A group is one that was opened, with the attributes bound in it.
type group struct {
	name  string
	attrs []slog.Attr
}

// shared is what a handler has in common with those made from it.
type shared struct {
	reader  reader
	mu      sync.Mutex
	tracker *Tracker // the last one, nil if there was none
}

// recordWindow is the least time between two samples that records of an
// application are compared over, however fast they follow each other.
const recordWindow = 100 * time.Millisecond

// New returns a handler that adds the hardware fields to each record and hands
// it on to h, usually that of [role.Sysmetric]. To flush and to close is left
// to h.
//
// [role.Sysmetric]: https://pkg.go.dev/github.com/aimakerspace/synlogger/role#Sysmetric
func New(h slog.Handler) *Handler { return newHandler(h, thisHost()) }

func newHandler(h slog.Handler, from host) *Handler {
	return &Handler{next: h, shared: &shared{reader: reader{host: from, window: recordWindow}}}
}

// Enabled reports whether the wrapped handler logs records of this level.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle reads the host and hands the record on. Its error is that of the
// wrapped handler.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	return h.handle(ctx, r, &h.shared.reader)
}

// handle logs a record with what the reader reads, and before it one for each
// source that has become unreadable.
func (h *Handler) handle(ctx context.Context, r slog.Record, from *reader) error {
	hardware, failures := from.read()
	for _, f := range failures {
		if h.next.Enabled(ctx, slog.LevelWarn) {
			warning := slog.NewRecord(r.Time, slog.LevelWarn, msgUnreadable, r.PC)
			warning.AddAttrs(hardware...)
			warning.AddAttrs(slog.String("metric", f.source), slog.Any("err", f.err))
			if err := h.next.Handle(ctx, warning); err != nil {
				return err
			}
		}
	}
	full := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	full.AddAttrs(hardware...)
	if len(h.groups) == 0 {
		full.AddAttrs(renamed(attrsOf(r))...)
	} else {
		full.AddAttrs(h.grouped(r))
	}
	return h.next.Handle(ctx, full)
}

const msgUnreadable = "Part of the system's hardware usage cannot be read."

func attrsOf(r slog.Record) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool { attrs = append(attrs, a); return true })
	return attrs
}

// grouped returns the attributes of a record in the groups that are open.
func (h *Handler) grouped(r slog.Record) slog.Attr {
	inner := attrsOf(r)
	for _, g := range slices.Backward(h.groups) {
		inner = []slog.Attr{{Key: g.name, Value: slog.GroupValue(slices.Concat(g.attrs, inner)...)}}
	}
	return inner[0]
}

// WithAttrs returns a handler whose records have these attributes too. It has
// the same tracker.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	clone := *h
	if n := len(h.groups); n == 0 {
		clone.next = h.next.WithAttrs(renamed(attrs))
	} else {
		clone.groups = slices.Clone(h.groups)
		clone.groups[n-1].attrs = slices.Concat(h.groups[n-1].attrs, attrs)
	}
	return &clone
}

// WithGroup returns a handler whose records have their further attributes in a
// group. It has the same tracker.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	clone := *h
	clone.groups = append(slices.Clip(h.groups), group{name: name})
	return &clone
}
