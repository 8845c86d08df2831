package index

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// AppendFields appends fields as a JSON object, sorted by name. A float64 always gets
// a decimal point or an exponent, because ParseFields tells it from an int64 by that.
func AppendFields(dst []byte, fields map[string]any) []byte {
	names := make([]string, 0, 32) // on the stack, unless there are more
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, name)
		dst = append(dst, ':')
		switch v := fields[name].(type) {
		case string:
			dst = AppendString(dst, v)
		case int64:
			dst = strconv.AppendInt(dst, v, 10)
		case float64:
			dst = AppendFloat(dst, v)
		}
	}
	return append(dst, '}')
}

// AppendFloat appends a number with a decimal point or an exponent.
func AppendFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	if !slices.ContainsFunc(dst[start:], func(b byte) bool { return b == '.' || b == 'e' }) {
		dst = append(dst, ".0"...)
	}
	return dst
}

// ParseFields parses what AppendFields appends.
func ParseFields(text string) (map[string]any, error) {
	fields := map[string]any{}
	if text == "" {
		return fields, nil
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&fields); err != nil {
		return nil, err
	}
	for name, v := range fields {
		n, ok := v.(json.Number)
		if !ok {
			continue
		}
		if strings.ContainsAny(n.String(), ".e") {
			fields[name], _ = n.Float64()
		} else {
			fields[name], _ = n.Int64()
		}
	}
	return fields, nil
}

// AppendString appends a JSON string. It escapes only what JSON requires, so a search
// finds other characters unchanged.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		b := s[i]
		if b >= ' ' && b != '"' && b != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		}
		start = i + 1
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// EachJSONField calls f with the fields of an object that AppendFields made, until f
// returns false. It stops early if the text has another form.
func EachJSONField(text string, f func(name string, v Value) bool) {
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

// findField returns one field of an object that AppendFields made. It does not decode
// the other fields.
func findField(text, name string) (Value, bool) {
	var found Value
	EachJSONField(text, func(n string, v Value) bool {
		if n == name {
			found = v
		}
		return n < name // the names are sorted
	})
	return found, found.Kind != 0
}

func cutValue(text string) (v Value, rest string, ok bool) {
	if text == "" {
		return v, "", false
	}
	if text[0] == '"' {
		v.Kind = KindText
		v.Str, rest, ok = cutString(text)
		return v, rest, ok
	}
	end := strings.IndexAny(text, ",}")
	if end < 0 {
		return v, "", false
	}
	digits, rest := text[:end], text[end:]
	if !strings.ContainsAny(digits, ".e") {
		i, err := strconv.ParseInt(digits, 10, 64)
		return NewInteger(i), rest, err == nil
	}
	f, err := strconv.ParseFloat(digits, 64)
	return newFloat(f), rest, err == nil && !math.IsNaN(f)
}

// cutString cuts a JSON string off the start of a text.
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
		case KindFloat:
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
