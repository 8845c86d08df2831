package encode

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// A Frame encodes one GELF frame. It contains a buffer and the state between two
// attributes. It must be used by one goroutine at a time.
type Frame struct {
	*Format
	buf []byte
	state

	// Memory that frames use one after another.
	group     []byte   // path of the groups around the next attribute, see field.AppendGroup
	groups    []string // names of these groups, for ReplaceAttr
	details   []detail // details of errors, for full_message
	truncated []byte   // names of the cut fields, separated by ", "

	// Consecutive records are mostly of the same second, so its text is kept.
	second     int64  // Unix time
	secondText []byte // `,"timestamp":1700000000.`
}

// A state is the part of a frame that is zero in an empty one.
type state struct {
	attrs        int           // offset in buf of the first attribute
	names        field.NameSet // names of the attributes in buf
	renames      int64         // number of renames in the field table that buf reflects
	many         bool          // so many attributes that compact removes the duplicates
	parent       *field.Field  // group around the next attribute, nil outside groups
	hidden       []byte        // path of the outermost censored group
	depth        int           // number of groups around, including those without a key
	groupedAttrs int           // number of attributes in groups so far
	last         *field.Field  // field of the last attribute, if it was simple
	key          string        // key of the current attribute
	unstored     string        // text of a number that the index cannot store
}

var frames = sync.Pool{New: func() any { return &Frame{buf: make([]byte, 0, 1024)} }}

// newFrame returns an empty frame from the pool.
func newFrame(f *Format) *Frame {
	e := frames.Get().(*Frame)
	e.Format = f
	return e
}

// Free returns the frame to the pool. Large frames are left to the garbage collector,
// so the memory of the pool stays bounded.
func (e *Frame) Free() {
	const most = 64 << 10
	if cap(e.buf) > most {
		return
	}
	e.buf, e.state = e.buf[:0], state{}
	if len(e.details) > 0 {
		clear(e.details)
	}
	e.group, e.groups, e.details, e.truncated = e.group[:0], e.groups[:0], e.details[:0], e.truncated[:0]
	frames.Put(e)
}

// Bytes returns the encoded frame with a NUL at its end. It is valid until [Frame.Free]
// is called.
func (e *Frame) Bytes() []byte { return e.buf }

// bound appends the attributes of b.
func (e *Frame) bound(b *Bound) {
	e.buf = append(e.buf, b.text.bytes(e.Format)...)
	e.restore(b)
	if e.fields.Renames.Load() != e.renames {
		e.applyRenames()
	}
}

// restore copies the names, renames, details and truncated names of b to e.
func (e *Frame) restore(b *Bound) {
	e.names, e.renames = b.names, b.renames
	if len(b.details) > 0 || len(b.truncated) > 0 {
		e.details = append(e.details, b.details...)
		e.truncated = append(e.truncated, b.truncated...)
	}
}

// enter opens the groups of b.
func (e *Frame) enter(b *Bound) {
	if len(b.open.path) == 0 {
		return
	}
	e.group = append(e.group[:0], b.open.path...)
	e.groups = append(e.groups[:0], b.open.names...)
	e.parent = b.open.parent
	e.hidden = e.group[:len(b.open.hidden)]
}

// field appends a field that is not an attribute of the application, censored like an
// attribute.
func (e *Frame) field(key string, v slog.Value) {
	if e.Censor.HidesKey(e.groups, key) {
		v = slog.StringValue(censor.Mark)
	}
	e.member(key, v)
}

// attr appends an attribute, or the members of a group, in the open groups. As
// [slog.Handler] requires, empty attributes and groups are omitted, and a group without
// a key is inlined.
func (e *Frame) attr(a slog.Attr) {
	if e.simple && a.Key != "" && e.simpleMember(a.Key, a.Value) {
		return
	}
	if len(e.hidden) > 0 || e.Censor.HidesKey(e.groups, a.Key) {
		e.hide(a)
		return
	}
	a.Value = resolve(e.Censor, a.Value)
	if e.ReplaceAttr != nil && a.Value.Kind() != slog.KindGroup {
		a = e.ReplaceAttr(e.groups, a)
		if e.Censor.HidesKey(e.groups, a.Key) {
			e.hide(a)
			return
		}
		a.Value = resolve(e.Censor, a.Value)
	}
	if src, ok := sourceOf(a.Value); ok {
		a.Value = src
	}
	switch {
	case a.Value.Kind() == slog.KindGroup:
		e.members(a.Key, a.Value.Group())
	case e.Censor == nil && a.Key != "" && e.simpleMember(a.Key, a.Value):
	case !a.Equal(slog.Attr{}):
		e.member(a.Key, a.Value)
	}
}

// sourceOf returns a [slog.Source] in an attribute as a group, like slog's own
// handlers.
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

// maxGroupedAttrs limits the attributes in groups of one record. A LogValuer can double
// their number at each level.
const maxGroupedAttrs = 1 << 16

// members appends the members of a group.
func (e *Frame) members(key string, attrs []slog.Attr) {
	if e.depth == field.MaxDepth { // a LogValuer whose group contains itself
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
	e.openGroup(key)
	e.inner(key, attrs)
	if len(e.hidden) > outer {
		e.hidden = e.hidden[:0]
	}
	e.group, e.parent = e.group[:outer], parent
	e.groups = e.groups[:len(e.groups)-1]
}

// inner appends attributes to the open group until there are too many.
func (e *Frame) inner(key string, attrs []slog.Attr) {
	for _, a := range attrs {
		if e.groupedAttrs++; e.groupedAttrs > maxGroupedAttrs || len(e.buf) > 2*gelf.MaxFrame {
			e.leaveOut(key)
			return
		}
		e.attr(a)
	}
}

// leaveOut adds the outermost group to the truncated names, because the record has too
// many attributes.
func (e *Frame) leaveOut(key string) {
	if len(e.groups) > 0 {
		key = e.groups[0]
	}
	name := field.FieldName(key)
	if names := strings.Split(string(e.truncated), ", "); !slices.Contains(names, name) {
		e.truncated = appendName(e.truncated, name)
	}
}

// openGroup begins a group. Where the group's name is censored, all in it is.
func (e *Frame) openGroup(name string) {
	hidden := len(e.hidden) == 0 && e.Censor.HidesKey(e.groups, name)
	e.group, e.parent = field.AppendGroup(e.group, name), e.fields.Group(e.parent, name)
	e.groups = append(e.groups, name)
	if hidden {
		e.hidden = e.group
	}
}

// hide appends [censor.Mark] for an attribute, or for the censored group around it.
func (e *Frame) hide(a slog.Attr) {
	if a.Equal(slog.Attr{}) || a.Value.Kind() == slog.KindGroup && len(a.Value.Group()) == 0 {
		return
	}
	mark := slog.StringValue(censor.Mark)
	if len(e.hidden) == 0 {
		e.member(a.Key, mark)
		return
	}
	group, parent := e.group, e.parent
	e.group, e.parent = nil, nil
	e.member("_"+string(bytes.TrimSuffix(e.hidden, []byte("_"))), mark)
	e.group, e.parent = group, parent
}

// simpleMember is a fast version of member. It returns false unless the field is known,
// is not censored and is not yet in the record, and the value is stored and has the
// kind of the field.
func (e *Frame) simpleMember(key string, v slog.Value) bool {
	f := e.fields.Find(e.last, e.parent, key)
	if f == nil || f.Hidden || len(e.hidden) > 0 || f.Since > e.renames || e.names.Has(f) {
		return false
	}
	is, buf := field.Kind(f.Kind.Load()), e.buf
	switch v.Kind() {
	case slog.KindInt64:
		if is != field.KindInteger {
			return false
		}
		buf = jsontext.AppendInt(append(buf, f.Member...), v.Int64())
	case slog.KindString:
		s := e.Censor.Text(v.String())
		if is != field.KindText || len(s) > gelf.MaxField/3 || jsontext.Blank(s) || field.MayBeDate(s) {
			return false
		}
		buf = jsontext.AppendString(append(buf, f.Member...), s)
	case slog.KindBool:
		if is != field.KindText {
			return false
		}
		buf = jsontext.AppendBool(append(buf, f.Member...), v.Bool())
	case slog.KindFloat64:
		if is != field.KindFloat || !jsontext.Storable(v.Float64()) {
			return false
		}
		buf = jsontext.AppendFloat(append(buf, f.Member...), v.Float64(), 64)
	case slog.KindDuration:
		if is != field.KindFloat {
			return false
		}
		buf = jsontext.AppendSeconds(append(buf, f.Member...), v.Duration())
	case slog.KindTime:
		if is != field.KindDate || !field.Indexed(v.Time()) {
			return false
		}
		buf = jsontext.AppendTime(append(buf, f.Member...), v.Time())
	default:
		return false
	}
	e.buf, e.last = buf, f
	e.names.Add(f)
	return true
}

// member appends a field. Of two fields with the same name Graylog stores the last, so
// an earlier one is removed, even if Graylog does not store the new value.
func (e *Frame) member(key string, v slog.Value) {
	f := e.currentField(func() *field.Field { return e.fields.Attribute(e.parent, e.group, key) })
	start := e.openMember(f)
	name, at := start+len(`,"_`), len(e.buf)
	e.key = key
	if e.value(name, v) {
		e.fit(f, start, at)
		return
	}
	e.dropMember(start)
	if text := e.unstored; text != "" {
		e.unstored = ""
		e.putOther(f, field.SuffixText, field.AppendText(nil, e.cutNamed(f.Name(), text)))
	}
}

// openMember appends the beginning of a member, removes an earlier member with the same
// name, and returns the offset of the new one.
func (e *Frame) openMember(f *field.Field) (start int) {
	if e.names.Has(f) {
		e.forgetOthers(f)
	}
	start = len(e.buf)
	e.buf = append(e.buf, f.Member[:len(f.Member)-len(`":`)]...)
	if e.names.Add(f) {
		start = e.removeEarlier(start)
	}
	e.buf = append(e.buf, `":`...)
	return start
}

// cut returns the part of s that the index can store. If it is shorter than s, cut adds
// the field, whose name is at this offset of buf, to the truncated names.
func (e *Frame) cut(name int, s string) string {
	if len(s) <= gelf.MaxField/3 {
		return s
	}
	return e.cutNamed(string(e.buf[name:len(e.buf)-len(`":`)]), s)
}

// cutNamed is cut for a field with this name. It first removes leading white space,
// which Graylog would trim: otherwise nothing might be left.
func (e *Frame) cutNamed(name, s string) string {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r <= ' ' })
	short := jsontext.CutString(s, gelf.MaxField)
	if len(short) < len(s) {
		e.truncated = appendName(e.truncated, name)
	}
	return short
}

// end completes the frame and shortens it to Graylog's limit.
func (e *Frame) end() {
	e.compact()
	if full := e.fullMessage(); !jsontext.Blank(full) {
		if e.Censor.HidesKey(nil, "full_message") {
			full = censor.Mark
		}
		e.buf = append(e.buf, `,"full_message":`...)
		e.buf = jsontext.AppendString(e.buf, full)
	}
	if e.incomplete() {
		e.removeField("truncated")
		e.compact()
	}
	if e.incomplete() {
		e.buf, e.truncated = shorten(e.buf, e.attrs, e.truncated, maxFrame-len("}"))
		e.buf = append(e.buf, `,"_truncated":`...)
		e.buf = field.AppendText(e.buf, jsontext.CutString(string(e.truncated), gelf.MaxField))
	}
	e.buf = append(e.buf, '}', 0)
}

// incomplete reports whether the field truncated is needed to list what is missing.
func (e *Frame) incomplete() bool {
	return len(e.truncated) > 0 || len(e.buf)+len("}") > maxFrame
}
