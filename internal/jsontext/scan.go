package jsontext

import (
	"bytes"
	"encoding/json"
)

// Unquote returns the text of a JSON string.
func Unquote(text []byte) (s string) {
	if inner := text[1 : len(text)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return string(inner)
	}
	if json.Unmarshal(text, &s) != nil {
		return string(text)
	}
	return s
}

// StringEnd returns the offset after the JSON string that begins at i.
func StringEnd(src []byte, i int) int {
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

// ValueEnd returns the offset after the JSON value that begins at i.
func ValueEnd(src []byte, i int) int {
	if src[i] == '"' {
		return StringEnd(src, i)
	}
	depth := 0
	for i < len(src) {
		switch src[i] {
		case '"':
			i = StringEnd(src, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // end of the container around a number or a literal
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

// Marshal is [json.Marshal] without the escapes for HTML, which would make texts hard
// to read.
func Marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
