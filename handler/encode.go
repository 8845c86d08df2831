package handler

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"sync"
	"time"

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
	group  []byte   // path of the groups around the next attribute, as gelf.AppendGroup makes it
	groups []string // their names, for ReplaceAttr
	hidden []byte   // path of the outermost group around that is censored

	full      string // detail of the first error that has one
	instead   string // text of the number that value found no place for
	truncated []byte // names of the cut fields, ", " between them
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
	e.buf, e.attrs, e.names = e.buf[:0], 0, nameSet{}
	e.group, e.groups, e.hidden = e.group[:0], e.groups[:0], nil
	e.full, e.instead, e.truncated = "", "", e.truncated[:0]
	encoders.Put(e)
}

// newHead returns what each frame of a handler begins with.
func newHead(host, logger string) []byte {
	head := appendString([]byte(`{"version":"1.1","host":`), host)
	if logger != "" {
		head = appendString(append(head, `,"_logger":`...), logger)
	}
	return append(head, `,"short_message":`...)
}

// begin writes the frame's fields that are not attributes.
func (e *encoder) begin(r *slog.Record, seq uint64) {
	t, level, msg := r.Time, r.Level, r.Message
	levelName := ""
	if e.replace != nil {
		t, level, levelName, msg = e.replaceBuiltins(r)
	}
	e.buf = append(e.buf, e.head...)
	start := len(e.buf)
	if blankAnyway(msg) {
		e.buf = append(e.buf, `"-"`...)
	} else {
		e.buf = appendString(e.buf, msg)
	}
	end := len(e.buf)
	e.timestamp(t)
	e.level(level, levelName)
	e.buf = append(e.buf, `,"_seq":`...)
	e.buf = strconv.AppendUint(e.buf, seq, 10)
	if !blank(msg) {
		e.buf = append(e.buf, `,"_event":`...)
		if len(msg) <= gelf.MaxField/3 {
			e.buf = append(e.buf, e.buf[start:end]...)
		} else {
			e.buf = appendString(e.buf, e.cutNamed("event", msg))
		}
	}
	e.attrs = len(e.buf)
}

// blankAnyway reports whether Graylog may take the message for blank, by Java's
// trim or by its isBlank, and refuse the record.
func blankAnyway(s string) bool {
	if s != "" && s[0] > ' ' && s[0] < 0x7F {
		return false
	}
	for _, r := range s {
		if r > ' ' && !space(r) {
			return false
		}
	}
	return true
}

// space reports whether a character above U+0020 is white space to Unicode or
// to Java, whose Character.isWhitespace leaves out the no-break spaces.
func space(r rune) bool {
	switch r {
	case 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
		return true
	}
	return 0x2000 <= r && r <= 0x200A
}

// timestamp leaves out the times that Graylog has no date for, the zero time
// among them. Graylog then takes the time of arrival, as it would for all
// times up to 1970.
func (e *encoder) timestamp(t time.Time) {
	const year10000 = 253402300800
	if sec := t.Unix(); sec <= 0 || sec >= year10000 {
		return
	}
	e.buf = append(e.buf, `,"timestamp":`...)
	e.buf = appendUnix(e.buf, t)
}

func (e *encoder) level(level slog.Level, name string) {
	if name == "" {
		switch level {
		case slog.LevelDebug:
			e.buf = append(e.buf, `,"level":7,"_level_name":"DEBUG","_level_number":10`...)
			return
		case slog.LevelInfo:
			e.buf = append(e.buf, `,"level":6,"_level_name":"INFO","_level_number":20`...)
			return
		case slog.LevelWarn:
			e.buf = append(e.buf, `,"level":4,"_level_name":"WARNING","_level_number":30`...)
			return
		case slog.LevelError:
			e.buf = append(e.buf, `,"level":3,"_level_name":"ERROR","_level_number":40`...)
			return
		}
	}
	severity, standard := gelf.SeverityOf(level)
	if name == "" {
		name = standard
	}
	e.buf = append(e.buf, `,"level":`...)
	e.buf = strconv.AppendInt(e.buf, int64(severity), 10)
	e.buf = append(e.buf, `,"_level_name":`...)
	e.buf = appendString(e.buf, e.cutNamed("level_name", name))
	e.buf = append(e.buf, `,"_level_number":`...)
	e.buf = strconv.AppendInt(e.buf, int64(gelf.LevelNumber(level)), 10)
}

// replaceBuiltins asks ReplaceAttr for time, level and message. GELF gives
// these their names, so that only their values can change; a value of a kind
// that GELF has no place for is ignored.
func (e *encoder) replaceBuiltins(r *slog.Record) (t time.Time, level slog.Level, levelName, msg string) {
	t, level = r.Time, r.Level
	if !t.IsZero() {
		switch v := e.builtin(slog.Time(slog.TimeKey, t.Round(0))); {
		case v.Kind() == slog.KindTime:
			t = v.Time()
		case v.Equal(slog.Value{}):
			t = time.Time{}
		}
	}
	switch v := e.builtin(slog.Any(slog.LevelKey, level)); v.Kind() {
	case slog.KindAny:
		if l, ok := v.Any().(slog.Level); ok {
			level = l
		}
	case slog.KindString:
		levelName = v.String()
	}
	if v := e.builtin(slog.String(slog.MessageKey, r.Message)); !v.Equal(slog.Value{}) {
		msg = v.String()
	}
	return t, level, levelName, msg
}

func (e *encoder) builtin(a slog.Attr) slog.Value { return resolve(e.replace(nil, a).Value) }

// bound appends the attributes that were bound to the handler.
func (e *encoder) bound(h *Handler) {
	e.buf = append(e.buf, h.attrs...)
	e.names = h.names
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
	e.member(string(bytes.TrimSuffix(e.hidden, []byte("_"))), mark)
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
		if !finite(v.Float64()) {
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
		instead := string(e.buf[name:len(e.buf)-len(`":`)]) + "_text"
		e.buf = e.buf[:start]
		group := e.group
		e.group = nil
		e.member(instead, slog.StringValue(text))
		e.group = group
		return
	}
	e.buf = e.buf[:start]
}

// unique takes back an earlier field of the name at the end of buf, which
// begins at start with `,"_`. It returns where the name begins then.
func (e *encoder) unique(start int) int {
	// Within a JSON text, quotation marks stand behind a backslash, so that a
	// comma and the name in its marks are found nowhere but at a member.
	e.buf = append(e.buf, `":`...)
	begin := bytes.Index(e.buf[e.attrs:start], e.buf[start:])
	e.buf = e.buf[:len(e.buf)-len(`":`)]
	if begin < 0 {
		return start
	}
	begin += e.attrs
	end := valueEnd(e.buf[:start], begin+len(e.buf)-start+len(`":`))
	e.buf = append(e.buf[:begin], e.buf[end:]...)
	return start - (end - begin)
}

// cut returns s as far as the index can hold it, and notes the name of the
// field, at this offset of buf, if that is not all.
func (e *encoder) cut(name int, s string) string {
	if len(s) <= gelf.MaxField/3 {
		return s
	}
	return e.cutNamed(string(e.buf[name:len(e.buf)-len(`":`)]), s)
}

func (e *encoder) cutNamed(name, s string) string {
	short := cutString(s, gelf.MaxField)
	if len(short) < len(s) {
		e.truncated = appendName(e.truncated, name)
	}
	return short
}

// detail keeps what an error says beyond its text, such as the stack that
// Format writes for %+v. It goes to full_message.
func (e *encoder) detail(err error) {
	if e.full != "" {
		return
	}
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
		e.full = text
		return
	}
}

// end completes the frame within Graylog's limit.
func (e *encoder) end() {
	if !blank(e.full) {
		e.buf = append(e.buf, `,"full_message":`...)
		e.buf = appendString(e.buf, e.full)
	}
	if len(e.truncated) > 0 || len(e.buf)+len("}") > maxFrame {
		e.buf, e.truncated = shorten(e.buf, e.attrs, e.truncated, maxFrame-len("}"))
		e.buf = append(e.buf, `,"_truncated":`...)
		e.buf = appendString(e.buf, cutString(string(e.truncated), gelf.MaxField))
	}
	e.buf = append(e.buf, '}', 0)
}
