package encode

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/panics"
)

// A Bound holds the encoded attributes and the open groups of one handler. The zero
// value has neither. A Bound is not changed after it has been made, so goroutines and
// frames can share it.
type Bound struct {
	text      boundText
	names     field.NameSet // of the attributes in text
	moves     int64         // moves of the field table that the names in text are up to
	details   []detail      // of the errors in text
	truncated []byte        // names of the cut fields in text
	open      openGroups
}

// openGroups are the groups around the next attribute.
type openGroups struct {
	parent *field.Field // innermost group, nil outside of groups
	path   []byte       // of all groups, see field.AppendGroup
	names  []string     // of all groups, for ReplaceAttr
	hidden []byte       // path of the outermost group that is censored
}

// A boundText is a list of encoded attributes. Lists made from one another share an
// array, so With costs only what it adds.
type boundText struct {
	buf  []byte
	used *atomic.Int64 // bytes of the array in use by any list

	// With many attributes, a name may occur several times in buf until a record
	// needs the list or buf has grown to twice its length.
	short   int            // length of buf when each name was in it once
	compact *compactedText // nil if each name occurs in buf once
}

type compactedText struct {
	once sync.Once
	buf  []byte
}

// append returns b with more at its end. It writes into the shared array unless
// another list has done so.
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

// bytes returns the list with each name once.
func (b *boundText) bytes(f *Format) []byte {
	if b.compact == nil {
		return b.buf
	}
	b.compact.once.Do(func() {
		e := newFrame(f)
		e.buf, e.many = append(e.buf, b.buf...), true
		e.compact()
		b.compact.buf = slices.Clone(e.buf)
		e.Free()
	})
	return b.compact.buf
}

// WithFields returns b with fields that are not attributes of the application:
// ReplaceAttr does not see them, and open groups do not apply. They are censored.
func (f *Format) WithFields(b *Bound, fields ...slog.Attr) *Bound {
	return f.extend(b, func(e *Frame) {
		for _, a := range fields {
			e.field(a.Key, a.Value)
		}
	})
}

// WithAttrs returns b with attributes in the open groups. ReplaceAttr may panic: the
// attributes from that one on are left out, and the panic is reported.
func (f *Format) WithAttrs(b *Bound, attrs []slog.Attr) *Bound {
	return f.extend(b, func(e *Frame) {
		defer func() {
			if r := recover(); r != nil {
				f.Report(panics.Error("ReplaceAttr", r))
			}
		}()
		e.enter(b)
		for _, a := range attrs {
			e.attr(a)
		}
	})
}

// WithGroup returns b with one more open group.
func (f *Format) WithGroup(b *Bound, name string) *Bound {
	e := newFrame(f)
	defer e.Free()
	e.enter(b)
	e.openGroup(name)
	b2 := *b
	b2.open = openGroups{e.parent, slices.Clone(e.group), slices.Clone(e.groups), slices.Clone(e.hidden)}
	return &b2
}

// extend returns b with what a function encodes.
func (f *Format) extend(b *Bound, encode func(*Frame)) *Bound {
	b2 := *b
	if b.names.Crowded() && len(b.text.buf) < 2*b.text.short && f.extendMany(&b2, encode) {
		return &b2
	}
	e := newFrame(f)
	defer e.Free()
	e.bound(b)
	encode(e)
	e.compact()
	b2.text = boundText{buf: slices.Clone(e.buf), short: len(e.buf)}
	b2.takeNotes(e)
	return &b2
}

// extendMany encodes the new attributes alone and appends them to the many in b. It
// returns false, and leaves b as it is, if they change the name of another field.
func (f *Format) extendMany(b *Bound, encode func(*Frame)) bool {
	e := newFrame(f)
	defer e.Free()
	e.notes(b)
	e.many = true
	encode(e)
	if e.moves != b.moves {
		return false
	}
	b.text = b.text.append(e.buf)
	b.takeNotes(e)
	return true
}

// takeNotes keeps what the encoder has noted about the attributes.
func (b *Bound) takeNotes(e *Frame) {
	b.names, b.moves = e.names, e.moves
	b.details, b.truncated = slices.Clone(e.details), slices.Clone(e.truncated)
}
