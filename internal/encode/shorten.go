package encode

import (
	"bytes"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// maxFrame is the maximum length of a frame in bytes, without its NUL: one byte less
// than Graylog accepts.
const maxFrame = gelf.MaxFrame - 1

// A span is a member of a frame.
type span struct {
	name       string // name of the stored field
	begin, end int    // offsets of the member, including its comma
	text       int    // offset of the text inside the quotation marks, 0 if it must not be cut
}

func (s span) textLen() int {
	if s.text == 0 {
		return 0
	}
	return s.end - len(`"`) - s.text
}

// shorten cuts an unfinished frame, whose attributes begin at the offset attrs, to
// limit bytes including the field truncated. It cuts the longest texts first, all to
// the same length. It returns the frame, and the names in cut with the names of the
// fields that it cut.
func shorten(frame []byte, attrs int, cut []byte, limit int) (short, names []byte) {
	const field = len(`,"_truncated":""`)
	if len(frame)+field+len(cut) <= limit {
		return frame, cut
	}
	spans := spansOf(frame)
	// Reserve space for the names of all fields, up to the maximum length of a field.
	room := limit - field - min(gelf.MaxField, len(cut)+namesLen(spans))

	// Only with tens of thousands of attributes can the parts that are not text exceed
	// half of the frame. Then the last attributes are left out.
	rest := len(frame) - textsLen(spans)
	for i := len(spans) - 1; i > 0 && spans[i].begin >= attrs && rest > room/2; i-- {
		rest -= spans[i].end - spans[i].begin - spans[i].textLen()
		cut = appendName(cut, spans[i].name)
		spans = spans[:i]
	}

	known := strings.Split(string(cut), ", ")
	longest := cutLevel(spans, room-rest)
	short = append(make([]byte, 0, limit+2), '{')
	for i, s := range spans {
		begin := s.begin
		if i == 0 {
			begin++ // skip the brace
		}
		if s.textLen() <= longest {
			short = append(short, frame[begin:s.end]...)
			continue
		}
		short = append(short, frame[begin:s.text]...)
		short = append(short, cutEscaped(frame[s.text:s.end-1], longest)...)
		short = append(short, '"')
		if !slices.Contains(known, s.name) {
			cut = appendName(cut, s.name)
		}
	}
	return short, cut
}

// Shorten returns a complete frame without its NUL, cut to at most limit bytes. It cuts
// the longest texts first and lists their names in the field truncated.
func Shorten(frame []byte, limit int) []byte {
	attrs := max(bytes.Index(frame, []byte(`,"_seq":`)), 0) + 1
	short, cut := shorten(frame[:len(frame)-1], attrs, nil, limit-len("}"))
	if len(cut) > 0 {
		short = jsontext.AppendString(append(short, `,"_truncated":`...), string(cut))
	}
	return append(bytes.Clone(short), '}')
}

func appendName(names []byte, name string) []byte {
	if len(names) > 0 {
		names = append(names, ", "...)
	}
	return append(names, name...)
}

func namesLen(spans []span) (n int) {
	for _, s := range spans {
		n += len(", ") + len(s.name)
	}
	return n
}

func textsLen(spans []span) (n int) {
	for _, s := range spans {
		n += s.textLen()
	}
	return n
}

// spansOf returns the members of a frame that this package encoded.
func spansOf(frame []byte) (spans []span) {
	for i := 0; i < len(frame); {
		s := span{begin: i}
		colon := jsontext.StringEnd(frame, i+1)
		s.name = string(frame[i+2 : colon-1])
		value := colon + 1
		s.end = jsontext.ValueEnd(frame, value)
		switch s.name {
		case "version", "host", "_logger", "_level_name":
		case "short_message":
			s.name, s.text = "message", value+1
		default:
			if frame[value] == '"' {
				s.text = value + 1
			}
			if s.name[0] == '_' {
				s.name = s.name[1:]
			}
		}
		spans = append(spans, s)
		i = s.end
	}
	return spans
}

// cutLevel returns the greatest length to which all longer texts can be cut if all
// texts together may have at most room bytes.
func cutLevel(spans []span, room int) int {
	lengths := make([]int, 0, len(spans))
	for _, s := range spans {
		if n := s.textLen(); n > 0 {
			lengths = append(lengths, n)
		}
	}
	slices.Sort(lengths)
	for i, n := range lengths {
		longer := len(lengths) - i
		if n*longer > room {
			return max(room/longer, 0)
		}
		room -= n
	}
	return gelf.MaxFrame
}

// cutEscaped returns the longest prefix of an escaped JSON text that has at most limit
// bytes and ends between two characters.
func cutEscaped(text []byte, limit int) []byte {
	end := limit
	for end > 0 && text[end]&0xC0 == 0x80 { // inside a character of several bytes
		end--
	}
	for back := 1; back <= 5 && back <= end; back++ { // inside an escape such as \u0000
		if text[end-back] != '\\' {
			continue
		}
		slashes := 0
		for i := end - back; i >= 0 && text[i] == '\\'; i-- {
			slashes++
		}
		if slashes%2 == 1 && escapeLen(text[end-back:]) > back {
			return text[:end-back]
		}
		break
	}
	return text[:end]
}

// escapeLen returns the length of the escape at the beginning of text.
func escapeLen(text []byte) int {
	if text[1] == 'u' {
		return len(`\u0000`)
	}
	return len(`\n`)
}
