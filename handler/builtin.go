package handler

import (
	"log/slog"
	"strconv"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/encode"
)

// newHead returns what each frame of a handler begins with.
func newHead(host, logger string) []byte {
	head := appendString([]byte(`{"version":"1.1","host":`), host)
	if logger != "" {
		head = appendText(append(head, `,"_logger":`...), logger)
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
	msg, levelName = e.censor.text(msg), e.censor.text(levelName)
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
		if len(msg) <= gelf.MaxField/3 && !mayBeDate(msg) {
			e.buf = append(e.buf, e.buf[start:end]...)
		} else {
			e.buf = appendText(e.buf, e.cutNamed("event", msg))
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
	const lastOf9999 = 253402300799 // rounded to milliseconds, it may be in the year 10000
	if sec := t.Unix(); sec <= 0 || sec >= lastOf9999 {
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
	severity, standard := encode.SeverityOf(level)
	if blank(name) {
		name = standard
	}
	e.buf = append(e.buf, `,"level":`...)
	e.buf = strconv.AppendInt(e.buf, int64(severity), 10)
	e.buf = append(e.buf, `,"_level_name":`...)
	e.buf = appendText(e.buf, e.cutNamed("level_name", name))
	e.buf = append(e.buf, `,"_level_number":`...)
	e.buf = strconv.AppendInt(e.buf, int64(encode.LevelNumber(level)), 10)
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

func (e *encoder) builtin(a slog.Attr) slog.Value { return e.censor.resolve(e.replace(nil, a).Value) }
