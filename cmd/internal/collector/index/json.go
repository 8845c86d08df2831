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

// appendFields appends fields as a JSON object in the order of their names. A
// float64 always has a point or an exponent, so that parseFields can tell it
// from an int64.
func AppendFields(dst []byte, fields map[string]any) []byte {
	names := make([]string, 0, len(fields))
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

// appendFloat appends a number that always has a point or an exponent.
func AppendFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'g', -1, 64)
	if !slices.ContainsFunc(dst[start:], func(b byte) bool { return b == '.' || b == 'e' }) {
		dst = append(dst, ".0"...)
	}
	return dst
}

// parseFields is the inverse of appendFields.
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

// appendString appends a JSON string. It escapes what JSON must have escaped
// and nothing else, so that a search can look for the text as it is.
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

// eachField calls f with the fields of a record in the form of appendFields
// until f returns false. A text of another form ends early.
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

// findField returns one field of a record in the form of appendFields. It skips
// the others without reading their texts.
func findField(text, name string) (Value, bool) {
	var found Value
	EachJSONField(text, func(n string, v Value) bool {
		if n == name {
			found = v
		}
		return n < name // they are in order
	})
	return found, found.Kind != 0
}

func cutValue(text string) (v Value, rest string, ok bool) {
	if text == "" {
		return v, "", false
	}
	if text[0] == '"' {
		v.Kind = 's'
		v.Str, rest, ok = cutString(text)
		return v, rest, ok
	}
	end := strings.IndexAny(text, ",}")
	if end < 0 {
		return v, "", false
	}
	digits, rest := text[:end], text[end:]
	if i, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return NewInteger(i), rest, true
	}
	f, err := strconv.ParseFloat(digits, 64)
	return newFloat(f), rest, err == nil && !math.IsNaN(f)
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
