package collector

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A value is the value of a field: a text, an integer or a float.
type value struct {
	kind byte // 's', 'i', 'f'; 0 for none
	s    string
	i    int64
	f    float64
}

func textValue(s string) value { return value{kind: 's', s: s} }
func intValue(i int64) value   { return value{kind: 'i', i: i} }
func floatValue(f float64) value {
	return value{kind: 'f', f: f}
}

// number returns the value as a float, if it is a number.
func (v value) number() (float64, bool) {
	switch v.kind {
	case 'i':
		return float64(v.i), true
	case 'f':
		return v.f, true
	}
	return 0, false
}

// text returns the value as Graylog shows it.
func (v value) text() string {
	switch v.kind {
	case 'i':
		return strconv.FormatInt(v.i, 10)
	case 'f':
		return strconv.FormatFloat(v.f, 'g', -1, 64)
	}
	return v.s
}

// any returns the value as the API has it.
func (v value) any() any {
	switch v.kind {
	case 'i':
		return v.i
	case 'f':
		return v.f
	case 's':
		return v.s
	}
	return nil
}

// words returns the text in which a word without a field is looked for, "" for
// a float.
func (v value) words() string {
	if v.kind == 'f' {
		return ""
	}
	return v.text()
}

// eachField calls f with the fields of a record in the form of appendFields
// until f returns false. A text of another form ends early.
func eachField(text string, f func(name string, v value) bool) {
	if len(text) == 0 || text[0] != '{' {
		return
	}
	for text = text[1:]; len(text) > 0 && text[0] == '"'; text = text[1:] {
		name, rest, ok := cutString(text)
		if !ok || len(rest) == 0 || rest[0] != ':' {
			return
		}
		v, rest, ok := cutValue(rest[1:])
		if !ok || !f(name, v) || len(rest) == 0 || rest[0] != ',' {
			return
		}
		text = rest
	}
}

// findField returns one field of a record in the form of appendFields. It skips
// the others without reading their texts.
func findField(text, name string) (value, bool) {
	var found value
	eachField(text, func(n string, v value) bool {
		if n == name {
			found = v
		}
		return n < name // they are in order
	})
	return found, found.kind != 0
}

func cutValue(text string) (v value, rest string, ok bool) {
	if text == "" {
		return v, "", false
	}
	if text[0] == '"' {
		v.kind = 's'
		v.s, rest, ok = cutString(text)
		return v, rest, ok
	}
	end := strings.IndexAny(text, ",}")
	if end < 0 {
		return v, "", false
	}
	digits, rest := text[:end], text[end:]
	if i, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return intValue(i), rest, true
	}
	f, err := strconv.ParseFloat(digits, 64)
	return floatValue(f), rest, err == nil && !math.IsNaN(f)
}

// cutString cuts a JSON string off a text that begins with its quote.
func cutString(text string) (s, rest string, ok bool) {
	end := strings.IndexByte(text[1:], '"') + 1
	if end == 0 {
		return "", "", false
	}
	if at := strings.IndexByte(text[1:end], '\\'); at >= 0 {
		return cutEscaped(text, at+1)
	}
	return text[1:end], text[end+1:], true
}

// cutEscaped is cutString for a string whose first backslash is at i.
func cutEscaped(text string, i int) (s, rest string, ok bool) {
	b := append(make([]byte, 0, 2*i+16), text[1:i]...)
	for i < len(text) {
		c := text[i]
		i++
		switch {
		case c == '"':
			return string(b), text[i:], true
		case c != '\\':
			b = append(b, c)
			continue
		case i == len(text):
			return "", "", false
		}
		c = text[i]
		i++
		switch c {
		case 'n':
			b = append(b, '\n')
		case 't':
			b = append(b, '\t')
		case 'r':
			b = append(b, '\r')
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'u':
			if i+4 > len(text) {
				return "", "", false
			}
			n, err := strconv.ParseUint(text[i:i+4], 16, 16)
			if err != nil {
				return "", "", false
			}
			i += 4
			r := rune(n)
			if utf16.IsSurrogate(r) {
				r = utf8.RuneError
			}
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, c)
		}
	}
	return "", "", false
}

// field returns a field of the row by the name that Graylog gives it; message,
// full_message and timestamp are not among them.
func (r *row) field(name string) (value, bool) {
	switch name {
	case "source":
		return textValue(r.source), r.source != ""
	case "level":
		if r.level >= 0 {
			return intValue(int64(r.level)), true
		}
	case "gl2_remote_ip":
		return textValue(r.remoteIP), r.remoteIP != ""
	case "gl2_remote_port":
		return intValue(int64(r.remotePort)), r.remotePort != 0
	case "gl2_source_input":
		return textValue(r.input), r.input != ""
	case "logger":
		return textValue(r.logger), r.logger != ""
	case streamsColumn:
		return intValue(int64(r.streams)), true
	}
	return findField(r.fields, name)
}

// eachValue calls f with all fields of the row but message, full_message and
// timestamp, until f returns false.
func (r *row) eachValue(f func(name string, v value) bool) {
	for _, name := range rowColumns {
		if v, ok := r.field(name); ok && !f(name, v) {
			return
		}
	}
	eachField(r.fields, func(name string, v value) bool {
		return slices.Contains(rowColumns[:], name) || f(name, v)
	})
}

// rowColumns are the fields that a row has beside its JSON.
var rowColumns = [...]string{"source", "level", "gl2_remote_ip", "gl2_remote_port", "gl2_source_input", "logger", streamsColumn}

// streamsColumn holds the set of a record's streams as bits. Nothing that
// arrives can have this name, which has no place in GELF.
const streamsColumn = " streams"
