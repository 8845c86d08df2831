package handler

import (
	"bytes"
	"encoding/json"
)

// appendJSON appends compact, valid JSON to dst, without what is hidden at any
// depth. The path has the keys around src.
func (c *censor) appendJSON(dst, src []byte, path []string) []byte {
	if c == nil {
		return append(dst, src...)
	}
	path = append([]string(nil), path...)
	for i := 0; i < len(src); {
		switch src[i] {
		case '{':
			path = append(path, "")
		case '}':
			path = path[:len(path)-1]
		case '"':
			end := stringEnd(src, i)
			text := src[i:end]
			i = end
			if i == len(src) || src[i] != ':' {
				dst = c.appendText(dst, text)
				continue
			}
			around := path[:len(path)-1]
			key := unquote(text)
			dst = append(c.appendText(dst, text), ':')
			i++
			if c.hides(around, key) {
				dst = appendString(dst, censored)
				i = valueEnd(src, i)
			}
			path[len(path)-1] = key
			continue
		}
		dst = append(dst, src[i])
		i++
	}
	return dst
}

// appendText appends a JSON string without what is hidden in it.
func (c *censor) appendText(dst, text []byte) []byte {
	if len(c.values) == 0 {
		return append(dst, text...)
	}
	plain := unquote(text)
	if shown := c.text(plain); shown != plain {
		return appendString(dst, shown)
	}
	return append(dst, text...)
}

// unquote returns the text of a JSON string.
func unquote(text []byte) (s string) {
	if inner := text[1 : len(text)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	if json.Unmarshal(text, &s) != nil {
		return string(text)
	}
	return s
}

// stringEnd returns the offset behind the JSON string that begins at i.
func stringEnd(src []byte, i int) int {
	for i++; i < len(src); i++ {
		switch src[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(src)
}

// valueEnd returns the offset behind the JSON value that begins at i.
func valueEnd(src []byte, i int) int {
	if src[i] == '"' {
		return stringEnd(src, i)
	}
	depth := 0
	for i < len(src) {
		switch src[i] {
		case '"':
			i = stringEnd(src, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // of the container around a number or a literal
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

// marshal is [json.Marshal] without the escapes for HTML, which would be in the
// text that people read.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
