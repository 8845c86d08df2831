package encode

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/panics"
)

// A Bound contains the encoded attributes and the open groups of one handler. The zero
// value has neither. A Bound does not change after it was made, so goroutines and
// frames can share it.
type Bound struct {
	text      boundText
	names     field.NameSet // names of the attributes in text
	renames   int64         // number of renames in the field table that text reflects
	details   []detail      // details of the errors in text
	truncated []byte        // names of the cut fields in text, separated by ", "
	open      openGroups
}

// openGroups describes the groups around the next attribute.
type openGroups struct {
	parent *field.Field // innermost group, nil outside groups
	path   []byte       // path of all groups, see field.AppendGroup
	names  []string     // names of all groups, for ReplaceAttr
	hidden []byte       // path of the outermost censored group
}

// A boundText is a list of encoded attributes. Lists made from one another share an
// array, so a call of With costs only as much as it adds.
type boundText struct {
	buf  []byte
	used *atomic.Int64 // number of bytes of the array that any list uses

	// With many attributes, buf may contain a name several times until a record
	// needs the list or buf has doubled in length.
	short   int            // length of buf when it last contained each name once
	compact *compactedText // nil if buf contains each name once
}

// A compactedText is the list with each name once. It is made when a record needs it.
type compactedText struct {
	once sync.Once
	buf  []byte
}

// append returns b with more at its end. It writes into the shared array unless another
// list has already written there.
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
// ReplaceAttr does not see them, and they are outside the open groups. They are
// censored.
func (f *Format) WithFields(b *Bound, fields ...slog.Attr) *Bound {
	return f.extend(b, func(e *Frame) {
		for _, a := range fields {
			e.field(a.Key, a.Value)
		}
	})
}

// WithAttrs returns b with attributes in the open groups. If ReplaceAttr panics, the
// panic is reported, and this attribute and the following ones are left out.
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

// extend returns b with the attributes that encode appends.
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
	b2.save(e)
	return &b2
}

// extendMany encodes only the new attributes and appends them to those in b. If they
// change the name of another field, it leaves b unchanged and returns false.
func (f *Format) extendMany(b *Bound, encode func(*Frame)) bool {
	e := newFrame(f)
	defer e.Free()
	e.restore(b)
	e.many = true
	encode(e)
	if e.renames != b.renames {
		return false
	}
	b.text = b.text.append(e.buf)
	b.save(e)
	return true
}

// save copies the names, renames, details and truncated names of e to b.
func (b *Bound) save(e *Frame) {
	b.names, b.renames = e.names, e.renames
	b.details, b.truncated = slices.Clone(e.details), slices.Clone(e.truncated)
}
