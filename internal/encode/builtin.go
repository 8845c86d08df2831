package encode

import (
	"log/slog"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// newHead returns the beginning of each frame of a handler.
func newHead(host, logger string) []byte {
	head := jsontext.AppendString([]byte(`{"version":"1.1","host":`), host)
	if logger != "" {
		head = field.AppendText(append(head, `,"_logger":`...), logger)
	}
	return append(head, `,"short_message":`...)
}

// builtins writes the fields that are not attributes.
func (e *Frame) builtins(r *slog.Record, seq uint64) {
	t, level, msg := r.Time, r.Level, r.Message
	levelName := ""
	if e.ReplaceAttr != nil {
		t, level, levelName, msg = e.replaceBuiltins(r)
	}
	msg, levelName = e.Censor.Text(msg), e.Censor.Text(levelName)
	buf := append(e.buf, e.head...)
	start := len(buf)
	if IsBlank(msg) {
		buf = append(buf, `"-"`...)
	} else {
		buf = jsontext.AppendString(buf, msg)
	}
	end := len(buf)
	buf = e.appendTime(buf, t)
	buf = e.appendLevel(buf, level, levelName)
	buf = jsontext.AppendUint(append(buf, `,"_seq":`...), seq)
	if e.AddEvent && !jsontext.Blank(msg) {
		buf = append(buf, `,"_event":`...)
		if len(msg) <= gelf.MaxField/3 && !field.MayBeDate(msg) {
			buf = append(buf, buf[start:end]...)
		} else {
			buf = field.AppendText(buf, e.cutNamed("event", msg))
		}
	}
	e.buf, e.attrs = buf, len(buf)
}

// IsBlank reports whether Graylog may reject a record with this message because it is
// empty after Java's trim or blank for Java's isBlank.
func IsBlank(s string) bool {
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

// space reports whether a character above U+0020 is white space in Unicode or in Java,
// whose Character.isWhitespace excludes the no-break spaces.
func space(r rune) bool {
	switch r {
	case 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
		return true
	}
	return 0x2000 <= r && r <= 0x200A
}

// appendTime appends the time. It omits times that Graylog cannot represent, such as the
// zero time. Graylog then uses the time of arrival, as it does for all times up to
// 1970.
func (e *Frame) appendTime(dst []byte, t time.Time) []byte {
	const lastOf9999 = 253402300799 // rounded to milliseconds, this second may end in the year 10000
	sec := t.Unix()
	if sec <= 0 || sec >= lastOf9999 {
		return dst
	}
	if sec != e.second {
		e.second = sec
		e.secondText = append(jsontext.AppendInt(append(e.secondText[:0], `,"timestamp":`...), sec), '.')
	}
	// A float64 could not represent the six decimals.
	return jsontext.AppendDigits(append(dst, e.secondText...), uint64(t.Nanosecond()/1000), 6)
}

// appendLevel appends the severity, the name and the number of the level. Name is not
// empty if ReplaceAttr has renamed the level.
func (e *Frame) appendLevel(dst []byte, level slog.Level, name string) []byte {
	if i := int(level-slog.LevelDebug) / 4; level&3 == 0 && 0 <= i && i < len(e.levels) && name == "" {
		return append(dst, e.levels[i]...)
	}
	return e.appendLevelMembers(dst, level, name)
}

// appendLevelMembers is appendLevel for the levels that are not in e.levels.
func (e *Frame) appendLevelMembers(dst []byte, level slog.Level, name string) []byte {
	severity, standard := severityOf(level)
	dst = append(dst, `,"level":`...)
	dst = append(dst, '0'+byte(severity))
	switch {
	case !jsontext.Blank(name):
		dst = append(dst, `,"_level_name":`...)
		dst = field.AppendText(dst, e.cutNamed("level_name", name))
	case e.AddLevelName:
		dst = append(dst, `,"_level_name":`...)
		dst = jsontext.AppendString(dst, standard)
	}
	if e.AddLevelNumber {
		dst = append(dst, `,"_level_number":`...)
		dst = jsontext.AppendInt(dst, int64(levelNumber(level)))
	}
	return dst
}

// replaceBuiltins calls ReplaceAttr for the time, the level and the message. GELF
// defines their names, so only their values can change. A value of a kind that GELF
// does not allow there is ignored.
func (e *Frame) replaceBuiltins(r *slog.Record) (t time.Time, level slog.Level, levelName, msg string) {
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

// builtin returns the value that ReplaceAttr gives a built-in attribute.
func (e *Frame) builtin(a slog.Attr) slog.Value {
	return resolve(e.Censor, e.ReplaceAttr(nil, a).Value)
}
