package handler

import (
	"bytes"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/encode"
)

// A format is what an encoder has to know of its handler; all clones of a
// handler share it.
type format struct {
	head      []byte // the frame up to the message's text
	censor    *censor
	replace   func(groups []string, a slog.Attr) slog.Attr
	fields    *fieldTable
	addSource bool
	simple    bool // there is no replace
}

// An encoder writes one frame. It is a buffer and what has to be remembered
// between two attributes.
type encoder struct {
	*format
	buf    []byte
	attrs  int      // offset in buf of the first attribute
	names  nameSet  // of the attributes in buf
	moves  int64    // of the table of fields, that the names in buf are up to
	many   bool     // there are so many that buf is left to compact
	parent *field   // group around the next attribute, nil if there is none
	group  []byte   // path of the groups around it, as encode.AppendGroup makes it
	groups []string // their names, for ReplaceAttr
	hidden []byte   // path of the outermost group around that is censored
	depth  int      // of the groups around, those without a key included
	inside int      // attributes in groups so far
	key    string   // of the attribute whose value is appended

	details   []detail // of errors, for full_message
	instead   string   // text of the number that value found no place for
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
	e.buf, e.attrs, e.names, e.moves, e.many = e.buf[:0], 0, nameSet{}, 0, false
	e.parent, e.group, e.groups, e.hidden, e.depth, e.inside = nil, e.group[:0], e.groups[:0], nil, 0, 0
	if len(e.details) > 0 {
		clear(e.details)
	}
	e.details, e.instead, e.truncated = e.details[:0], "", e.truncated[:0]
	encoders.Put(e)
}

// bound appends the attributes that were bound to the handler.
func (e *encoder) bound(h *Handler) {
	text := h.attrs.buf
	if h.attrs.compact != nil {
		text = h.attrs.bytes(e.format)
	}
	e.buf = append(e.buf, text...)
	e.notes(h)
	if e.fields.moves.Load() != e.moves {
		e.followMoves()
	}
}

// notes takes over what has to be remembered of the bound attributes.
func (e *encoder) notes(h *Handler) {
	e.names, e.moves = h.names, h.moves
	if len(h.details) > 0 || len(h.truncated) > 0 {
		e.details = append(e.details, h.details...)
		e.truncated = append(e.truncated, h.truncated...)
	}
}

// enter opens the groups that the handler has open.
func (e *encoder) enter(h *Handler) {
	if len(h.group) == 0 {
		return
	}
	e.group = append(e.group[:0], h.group...)
	e.groups = append(e.groups[:0], h.groups...)
	e.parent = h.parent
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
		e.field("file", slog.StringValue(s.File))
		e.field("line", slog.IntValue(s.Line))
		e.field("function", slog.StringValue(s.Function))
		return
	}
	e.field("file", v)
}

// field appends a field that is not an attribute of the application's, censored
// as an attribute would be.
func (e *encoder) field(key string, v slog.Value) {
	if e.censor.hides(e.groups, key) {
		v = slog.StringValue(censored)
	}
	e.member(key, v)
}

// attr appends an attribute, or the members of a group, under the groups that
// are open. Empty attributes and groups are left out, and a group without a
// key stands for its members, as [slog.Handler] asks.
func (e *encoder) attr(a slog.Attr) {
	if e.simple && a.Key != "" && e.simpleMember(a.Key, a.Value) {
		return
	}
	if len(e.hidden) > 0 || e.censor.hides(e.groups, a.Key) {
		e.hide(a)
		return
	}
	a.Value = e.censor.resolve(a.Value)
	if e.replace != nil && a.Value.Kind() != slog.KindGroup {
		a = e.replace(e.groups, a)
		if e.censor.hides(e.groups, a.Key) {
			e.hide(a)
			return
		}
		a.Value = e.censor.resolve(a.Value)
	}
	if src, ok := sourceOf(a.Value); ok {
		a.Value = src
	}
	switch {
	case a.Value.Kind() == slog.KindGroup:
		e.members(a.Key, a.Value.Group())
	case e.censor == nil && a.Key != "" && e.simpleMember(a.Key, a.Value):
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
	return slog.GroupValue(
		slog.String("function", src.Function), slog.String("file", src.File), slog.Int("line", src.Line),
	), true
}

// maxInside bounds the attributes in groups of one record, which a LogValuer
// can double at each level.
const maxInside = 1 << 16

func (e *encoder) members(key string, attrs []slog.Attr) {
	if e.depth == maxDepth { // a LogValuer whose group has it again
		e.member(key, slog.StringValue(tooDeep))
		return
	}
	e.depth++
	defer func() { e.depth-- }()
	if key == "" {
		e.inner(key, attrs)
		return
	}
	if len(attrs) == 0 {
		return
	}
	outer, parent := len(e.group), e.parent
	e.open(key)
	e.inner(key, attrs)
	if len(e.hidden) > outer {
		e.hidden = e.hidden[:0]
	}
	e.group, e.parent = e.group[:outer], parent
	e.groups = e.groups[:len(e.groups)-1]
}

// inner appends the members of the group that was just opened, as long as there
// are not too many.
func (e *encoder) inner(key string, attrs []slog.Attr) {
	for _, a := range attrs {
		if e.inside++; e.inside > maxInside || len(e.buf) > 2*gelf.MaxFrame {
			e.leaveOut(key)
			return
		}
		e.attr(a)
	}
}

// leaveOut notes in truncated that a group is missing because the record has too
// many attributes. It names the outermost group.
func (e *encoder) leaveOut(key string) {
	if len(e.groups) > 0 {
		key = e.groups[0]
	}
	name := encode.FieldName(key)
	if names := strings.Split(string(e.truncated), ", "); !slices.Contains(names, name) {
		e.truncated = appendName(e.truncated, name)
	}
}

// open begins a group. Where the group's name is censored, all in it is.
func (e *encoder) open(name string) {
	hidden := len(e.hidden) == 0 && e.censor.hides(e.groups, name)
	e.group, e.parent = encode.AppendGroup(e.group, name), e.fields.group(e.parent, name)
	e.groups = append(e.groups, name)
	if hidden {
		e.hidden = e.group
	}
}

// hide appends the mark of the censor for an attribute, whatever its value, or for
// the censored group around it.
func (e *encoder) hide(a slog.Attr) {
	if a.Equal(slog.Attr{}) || a.Value.Kind() == slog.KindGroup && len(a.Value.Group()) == 0 {
		return
	}
	mark := slog.StringValue(censored)
	if len(e.hidden) == 0 {
		e.member(a.Key, mark)
		return
	}
	group, parent := e.group, e.parent
	e.group, e.parent = nil, nil
	e.member("_"+string(bytes.TrimSuffix(e.hidden, []byte("_"))), mark)
	e.group, e.parent = group, parent
}

// simpleMember is member for nearly all attributes: the field is known and not
// censored, the record does not have it yet, and the value is one that Graylog
// stores, of the kind that the field has. It reports whether that is so.
func (e *encoder) simpleMember(key string, v slog.Value) bool {
	f := e.fields.find(e.parent, key)
	if f == nil || f.hidden || len(e.hidden) > 0 || e.names.has(f.bit) || f.since > e.moves {
		return false
	}
	is, buf := kind(f.kind.Load()), e.buf
	switch v.Kind() {
	case slog.KindInt64:
		if is != kindInteger {
			return false
		}
		buf = strconv.AppendInt(append(buf, f.member...), v.Int64(), 10)
	case slog.KindString:
		s := e.censor.text(v.String())
		if is != kindText || len(s) > gelf.MaxField/3 || blank(s) || mayBeDate(s) {
			return false
		}
		buf = appendString(append(buf, f.member...), s)
	case slog.KindBool:
		if is != kindText {
			return false
		}
		buf = appendBool(append(buf, f.member...), v.Bool())
	case slog.KindFloat64:
		if is != kindFloat || !storable(v.Float64()) {
			return false
		}
		buf = appendFloat(append(buf, f.member...), v.Float64(), 64)
	case slog.KindDuration:
		if is != kindFloat {
			return false
		}
		buf = appendSeconds(append(buf, f.member...), v.Duration())
	case slog.KindTime:
		if is != kindDate || !indexed(v.Time()) {
			return false
		}
		buf = appendTime(append(buf, f.member...), v.Time())
	default:
		return false
	}
	e.buf = buf
	e.names.add(f.bit)
	return true
}

// member appends one field. Of two with the same name Graylog keeps the last,
// so that the one before is taken back, even where the new value turns out to
// be one that Graylog does not store.
func (e *encoder) member(key string, v slog.Value) {
	f := e.upToDate(func() *field { return e.fields.attribute(e.parent, e.group, key) })
	start := e.openMember(f)
	name, at := start+len(`,"_`), len(e.buf)
	e.key = key
	if e.value(name, v) {
		e.fit(f, start, at)
		return
	}
	e.nothing(start)
	if text := e.instead; text != "" {
		e.instead = ""
		e.putOther(f, suffixText, appendText(nil, e.cutNamed(f.name(), text)))
	}
}

// openMember appends the beginning of a member, takes back an earlier member of
// the same name, and returns where the new one begins.
func (e *encoder) openMember(f *field) (start int) {
	if e.names.has(f.bit) {
		e.forgetOthers(f)
	}
	start = len(e.buf)
	e.buf = append(e.buf, f.member[:len(f.member)-len(`":`)]...)
	if e.names.add(f.bit) {
		start = e.unique(start)
	}
	e.buf = append(e.buf, `":`...)
	return start
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

// end completes the frame within Graylog's limit.
func (e *encoder) end() {
	e.compact()
	if full := e.full(); !blank(full) {
		if e.censor.hides(nil, "full_message") {
			full = censored
		}
		e.buf = append(e.buf, `,"full_message":`...)
		e.buf = appendString(e.buf, full)
	}
	if e.incomplete() {
		e.giveWay("truncated")
		e.compact()
	}
	if e.incomplete() {
		e.buf, e.truncated = shorten(e.buf, e.attrs, e.truncated, maxFrame-len("}"))
		e.buf = append(e.buf, `,"_truncated":`...)
		e.buf = appendText(e.buf, cutString(string(e.truncated), gelf.MaxField))
	}
	e.buf = append(e.buf, '}', 0)
}

// incomplete reports whether a field truncated has to say what is missing.
func (e *encoder) incomplete() bool {
	return len(e.truncated) > 0 || len(e.buf)+len("}") > maxFrame
}
