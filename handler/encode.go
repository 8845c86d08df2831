package handler

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/aimakerspace/synlogger/gelf"
)

// A format is what an encoder has to know of its handler; all clones of a
// handler share it.
type format struct {
	head      []byte // the frame up to the message's text
	censor    censor
	replace   func(groups []string, a slog.Attr) slog.Attr
	addSource bool
	simple    bool // there is neither censor nor replace
}

// An encoder writes one frame. It is a buffer and what has to be remembered
// between two attributes.
type encoder struct {
	*format
	buf    []byte
	attrs  int      // offset in buf of the first attribute
	names  nameSet  // of the attributes in buf
	many   bool     // there are so many that buf is left to compact
	group  []byte   // path of the groups around the next attribute, as gelf.AppendGroup makes it
	groups []string // their names, for ReplaceAttr
	hidden []byte   // path of the outermost group around that is censored
	depth  int      // of the groups around, those without a key included

	full      string   // detail of the last error that has one
	fullOf    string   // name of that error's field
	instead   string   // text of the number that value found no place for
	texts     []string // names of the numbers whose text stands in the place of the value
	truncated []byte   // names of the cut fields, ", " between them
}

var encoders = sync.Pool{New: func() any { return &encoder{buf: make([]byte, 0, 1024)} }}

func newEncoder(f *format) *encoder {
	e := encoders.Get().(*encoder)
	e.format = f
	return e
}

// free gives the encoder back, unless it has grown large: a pool of large
// buffers would be memory without a bound.
func (e *encoder) free() {
	const most = 64 << 10
	if cap(e.buf) > most {
		return
	}
	e.buf, e.attrs, e.names, e.many = e.buf[:0], 0, nameSet{}, false
	e.group, e.groups, e.hidden, e.depth = e.group[:0], e.groups[:0], nil, 0
	e.full, e.fullOf, e.instead, e.texts, e.truncated = "", "", "", e.texts[:0], e.truncated[:0]
	encoders.Put(e)
}

// bound appends the attributes that were bound to the handler.
func (e *encoder) bound(h *Handler) {
	e.buf = append(e.buf, h.attrs...)
	e.names = h.names
	e.full, e.fullOf = h.full, h.fullOf
	e.texts = append(e.texts, h.texts...)
	e.truncated = append(e.truncated, h.truncated...)
}

// enter opens the groups that the handler has open.
func (e *encoder) enter(h *Handler) {
	if len(h.group) == 0 {
		return
	}
	e.group = append(e.group[:0], h.group...)
	e.groups = append(e.groups[:0], h.groups...)
	e.hidden = e.group[:len(h.hidden)]
}

// source appends where the record was logged.
func (e *encoder) source(pc uintptr) {
	if pc == 0 {
		return
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	src := &slog.Source{Function: frame.Function, File: frame.File, Line: frame.Line}
	v := slog.AnyValue(src)
	if e.replace != nil {
		if v = e.builtin(slog.Any(slog.SourceKey, src)); v.Equal(slog.Value{}) {
			return
		}
	}
	if s, ok := v.Any().(*slog.Source); ok && s != nil {
		e.member("file", slog.StringValue(s.File))
		e.member("line", slog.IntValue(s.Line))
		e.member("function", slog.StringValue(s.Function))
		return
	}
	e.member("file", v)
}

// attr appends an attribute, or the members of a group, under the groups that
// are open. Empty attributes and groups are left out, and a group without a
// key stands for its members, as [slog.Handler] asks.
func (e *encoder) attr(a slog.Attr) {
	if e.simple && a.Key != "" && e.simpleMember(a.Key, a.Value) {
		return
	}
	if len(e.hidden) > 0 || e.censor.hides(a.Key) {
		e.hide(a)
		return
	}
	a.Value = resolve(a.Value)
	if e.replace != nil && a.Value.Kind() != slog.KindGroup {
		a = e.replace(e.groups, a)
		if e.censor.hides(a.Key) {
			e.hide(a)
			return
		}
		a.Value = resolve(a.Value)
	}
	if src, ok := sourceOf(a.Value); ok {
		a.Value = src
	}
	switch {
	case a.Value.Kind() == slog.KindGroup:
		e.members(a.Key, a.Value.Group())
	case !a.Equal(slog.Attr{}):
		e.member(a.Key, a.Value)
	}
}

// sourceOf returns a [slog.Source] given as an attribute as a group, which is
// how slog's own handlers write it.
func sourceOf(v slog.Value) (slog.Value, bool) {
	if v.Kind() != slog.KindAny {
		return v, false
	}
	src, ok := v.Any().(*slog.Source)
	if !ok || src == nil {
		return v, false
	}
	return slog.GroupValue(slog.String("function", src.Function), slog.String("file", src.File), slog.Int("line", src.Line)), true
}

func (e *encoder) members(key string, attrs []slog.Attr) {
	if e.depth == maxDepth { // a LogValuer whose group has it again
		e.member(key, slog.StringValue(tooDeep))
		return
	}
	e.depth++
	defer func() { e.depth-- }()
	if key == "" {
		for _, a := range attrs {
			e.attr(a)
		}
		return
	}
	if len(attrs) == 0 {
		return
	}
	outer := len(e.group)
	e.open(key)
	for _, a := range attrs {
		e.attr(a)
	}
	if len(e.hidden) > outer {
		e.hidden = e.hidden[:0]
	}
	e.group = e.group[:outer]
	e.groups = e.groups[:len(e.groups)-1]
}

// open begins a group. Where the group's name is censored, all in it is.
func (e *encoder) open(name string) {
	e.group = gelf.AppendGroup(e.group, name)
	e.groups = append(e.groups, name)
	if len(e.censor) > 0 && len(e.hidden) == 0 && (e.censor.hides(name) || e.censor.hidesName(bytes.TrimSuffix(e.group, []byte("_")))) {
		e.hidden = e.group
	}
}

// hide appends the mark of the censor in the place of an attribute, whatever
// its value, or in the place of the censored group around it.
func (e *encoder) hide(a slog.Attr) {
	if a.Equal(slog.Attr{}) || a.Value.Kind() == slog.KindGroup && len(a.Value.Group()) == 0 {
		return
	}
	mark := slog.StringValue(censored)
	if len(e.hidden) == 0 {
		e.member(a.Key, mark)
		return
	}
	group := e.group
	e.group = nil
	e.member("_"+string(bytes.TrimSuffix(e.hidden, []byte("_"))), mark)
	e.group = group
}

// simpleMember is member for the values that are what their kind says and are
// sure to be sent: most of those there are. It reports whether the value is one.
func (e *encoder) simpleMember(key string, v slog.Value) bool {
	kind := v.Kind()
	switch kind {
	case slog.KindInt64, slog.KindBool, slog.KindDuration, slog.KindTime:
	case slog.KindString:
		if s := v.String(); len(s) > gelf.MaxField/3 || blank(s) {
			return false
		}
	case slog.KindFloat64:
		if !storable(v.Float64()) {
			return false
		}
	default:
		return false
	}
	start := len(e.buf)
	buf := append(e.buf, `,"_`...)
	buf = gelf.AppendName(buf, e.group, key)
	if e.names.add(buf, start) {
		e.buf = buf
		e.unique(start)
		buf = e.buf
	}
	buf = append(buf, `":`...)
	switch kind {
	case slog.KindInt64:
		buf = strconv.AppendInt(buf, v.Int64(), 10)
	case slog.KindBool:
		buf = appendBool(buf, v.Bool())
	case slog.KindDuration:
		buf = appendSeconds(buf, v.Duration())
	case slog.KindTime:
		buf = appendTime(buf, v.Time())
	case slog.KindString:
		buf = appendString(buf, v.String())
	case slog.KindFloat64:
		buf = appendFloat(buf, v.Float64(), 64)
	}
	e.buf = buf
	return true
}

// member appends one field. Of two with the same name Graylog keeps the last,
// so that the one before is taken back, even where the new value turns out to
// be one that Graylog does not store.
func (e *encoder) member(key string, v slog.Value) {
	start := len(e.buf)
	e.buf = append(e.buf, `,"_`...)
	e.buf = gelf.AppendName(e.buf, e.group, key)
	if e.names.add(e.buf, start) {
		start = e.unique(start)
	}
	name := start + len(`,"_`)
	if len(e.censor) > 0 && e.censor.hidesName(e.buf[name:]) {
		v = slog.StringValue(censored)
	}
	e.buf = append(e.buf, `":`...)
	if e.value(name, v) {
		return
	}
	if text := e.instead; text != "" {
		e.instead = ""
		number := string(e.buf[name : len(e.buf)-len(`":`)])
		e.nothing(start)
		group := e.group
		e.group = nil
		e.member(textKey(number), slog.StringValue(text))
		e.texts = append(e.texts, number)
		e.group = group
		return
	}
	e.nothing(start)
}

// cut returns s as far as the index can hold it, and notes the name of the
// field, at this offset of buf, if that is not all.
func (e *encoder) cut(name int, s string) string {
	if len(s) <= gelf.MaxField/3 {
		return s
	}
	return e.cutNamed(string(e.buf[name:len(e.buf)-len(`":`)]), s)
}

// cutNamed is cut for a field of this name. Where a text is cut, the white
// space that Graylog would take off goes first: it could be all that is left.
func (e *encoder) cutNamed(name, s string) string {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r <= ' ' })
	short := cutString(s, gelf.MaxField)
	if len(short) < len(s) {
		e.truncated = appendName(e.truncated, name)
	}
	return short
}

// detail keeps what an error says beyond its text, such as the stack that
// Format writes for %+v. It goes to full_message.
func (e *encoder) detail(name int, err error) {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		if _, ok := inner.(fmt.Formatter); !ok {
			continue
		}
		text := fmt.Sprintf("%+v", inner)
		if text == inner.Error() {
			return
		}
		if inner != err {
			text = err.Error() + "\n" + text
		}
		e.full, e.fullOf = text, string(e.buf[name:len(e.buf)-len(`":`)])
		return
	}
}

// end completes the frame within Graylog's limit.
func (e *encoder) end() {
	e.compact()
	if !blank(e.full) {
		e.buf = append(e.buf, `,"full_message":`...)
		e.buf = appendString(e.buf, e.full)
	}
	if e.incomplete() {
		e.giveWay("truncated")
		e.compact()
	}
	if e.incomplete() {
		e.buf, e.truncated = shorten(e.buf, e.attrs, e.truncated, maxFrame-len("}"))
		e.buf = append(e.buf, `,"_truncated":`...)
		e.buf = appendString(e.buf, cutString(string(e.truncated), gelf.MaxField))
	}
	e.buf = append(e.buf, '}', 0)
}

// incomplete reports whether a field truncated has to say what is missing.
func (e *encoder) incomplete() bool {
	return len(e.truncated) > 0 || len(e.buf)+len("}") > maxFrame
}
