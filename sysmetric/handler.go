package sysmetric

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// A Handler is a [slog.Handler] that adds the hardware fields to each record. It
// reads the host for each record that the wrapped handler logs.
//
// The hardware fields are outside the groups of [slog.Logger.WithGroup]. If an
// attribute of the application has the key of a hardware field, the key gets a
// trailing underscore. The methods are safe for concurrent use.
type Handler struct {
	next   slog.Handler // without the groups
	groups []group      // opened by WithGroup, outermost first
	shared *shared
}

// A group is an open group with the attributes bound in it.
type group struct {
	name  string
	attrs []slog.Attr
}

// shared is the state of a handler and of all handlers derived from it.
type shared struct {
	reader  reader
	mu      sync.Mutex
	tracker *Tracker // the last one, or nil
}

// recordWindow is the shortest time over which the percentages and rates of an
// application's records are measured.
const recordWindow = 100 * time.Millisecond

// New returns a handler that adds the hardware fields to each record and passes it
// to h, usually a handler returned by [role.Sysmetric]. The caller flushes and
// closes h.
//
// [role.Sysmetric]: https://pkg.go.dev/github.com/aimakerspace/synlogger/role#Sysmetric
func New(h slog.Handler) *Handler { return newHandler(h, thisHost()) }

func newHandler(next slog.Handler, host host) *Handler {
	return &Handler{next: next, shared: &shared{reader: reader{host: host, window: recordWindow}}}
}

// Enabled reports whether the wrapped handler logs records at this level.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle reads the host and passes the record to the wrapped handler, whose error
// it returns. Concurrent calls do not wait for each other.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	return h.handle(ctx, r, &h.shared.reader)
}

// handle logs a record with the hardware fields, after a warning for each source
// that has become unreadable.
func (h *Handler) handle(ctx context.Context, r slog.Record, reader *reader) error {
	hardware, failures := reader.read()
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

// grouped returns the attributes of a record inside the open groups.
func (h *Handler) grouped(r slog.Record) slog.Attr {
	inner := attrsOf(r)
	for _, g := range slices.Backward(h.groups) {
		inner = []slog.Attr{{Key: g.name, Value: slog.GroupValue(slices.Concat(g.attrs, inner)...)}}
	}
	return inner[0]
}

// WithAttrs returns a handler that adds attrs to each record. It shares the tracker
// of h.
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

// WithGroup returns a handler that puts later attributes into a group. It shares
// the tracker of h.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	clone := *h
	clone.groups = append(slices.Clip(h.groups), group{name: name})
	return &clone
}
