package handler

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
)

// A boundText is the encoded attributes of a handler. Handlers made from one
// another share an array, so that With costs what it adds.
type boundText struct {
	buf  []byte
	used *atomic.Int64 // bytes of the array that are taken, by whichever handler

	// With many attributes, a name may be in buf several times, until a record
	// needs it or buf has grown to twice its length.
	short   int            // length of buf when each name was in it once
	compact *compactedText // nil if each name is in buf once
}

type compactedText struct {
	once sync.Once
	buf  []byte
}

// append returns b with more behind it. It writes into the shared array if no
// other handler has done so.
func (b boundText) append(more []byte) boundText {
	n := len(b.buf)
	end := n + len(more)
	if b.used == nil || end > cap(b.buf) || !b.used.CompareAndSwap(int64(n), int64(end)) {
		b.buf = append(make([]byte, 0, 2*end), b.buf...)
		b.used = new(atomic.Int64)
		b.used.Store(int64(end))
	}
	b.buf = append(b.buf, more...)
	b.compact = new(compactedText)
	return b
}

// bytes returns the text with each name once, if it has to be made so.
func (b *boundText) bytes(f *format) []byte {
	b.compact.once.Do(func() {
		e := newEncoder(f)
		e.buf, e.many = append(e.buf, b.buf...), true
		e.compact()
		b.compact.buf = slices.Clone(e.buf)
		e.free()
	})
	return b.compact.buf
}

// encodeBound adds to the handler's encoded attributes.
func (h *Handler) encodeBound(encode func(*encoder)) {
	if h.names.crowded() && len(h.attrs.buf) < 2*h.attrs.short && h.appendBound(encode) {
		return
	}
	e := newEncoder(&h.format)
	e.bound(h)
	encode(e)
	e.compact()
	h.attrs = boundText{buf: slices.Clone(e.buf), short: len(e.buf)}
	h.takeNotes(e)
	e.free()
}

// appendBound encodes the new attributes alone. It returns false if they change
// the name of another one.
func (h *Handler) appendBound(encode func(*encoder)) bool {
	e := newEncoder(&h.format)
	e.notes(h)
	e.many = true
	encode(e)
	ok := e.moves == h.moves
	if ok {
		h.attrs = h.attrs.append(e.buf)
		h.takeNotes(e)
	}
	e.free()
	return ok
}

// takeNotes keeps what the encoder has to remember of the handler's attributes.
func (h *Handler) takeNotes(e *encoder) {
	h.names, h.moves = e.names, e.moves
	h.details, h.truncated = slices.Clone(e.details), slices.Clone(e.truncated)
}

// A binding is one call of WithAttrs or WithGroup, linked to those before it.
type binding struct {
	before *binding
	group  string
	attrs  []slog.Attr
}

// nest puts the attributes into the open groups, behind those that are bound
// there. Those of the context stand outside of the groups.
func (h *Handler) nest(attrs, fromContext []slog.Attr) []slog.Attr {
	groups := len(h.openGroups())
	parts := [][]slog.Attr{attrs} // of the group at hand, the last one first
	if groups == 0 {
		parts = append(parts, fromContext)
	}
	for b := h.last; b != nil; b = b.before {
		if b.group == "" {
			parts = append(parts, b.attrs)
			continue
		}
		members := joinReversed(parts)
		parts = parts[:0]
		if len(members) > 0 {
			parts = append(parts, []slog.Attr{{Key: b.group, Value: slog.GroupValue(members...)}})
		}
		if groups--; groups == 0 { // the outermost one
			parts = append(parts, fromContext)
		}
	}
	return joinReversed(parts)
}

func joinReversed(parts [][]slog.Attr) []slog.Attr {
	slices.Reverse(parts)
	return slices.Concat(parts...)
}

// openGroups returns the names of the open groups, the outermost one first.
func (h *Handler) openGroups() (names []string) {
	for b := h.last; b != nil; b = b.before {
		if b.group != "" {
			names = append(names, b.group)
		}
	}
	slices.Reverse(names)
	return names
}
