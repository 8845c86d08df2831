package handler

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/aimakerspace/synlogger/gelf"
)

// censored stands in the place of each value that must not leave the process.
const censored = "*CENSORED*"

// A censor is the set of keys whose values are hidden. A key hides an
// attribute or a group that has it, and one that is sent under its name: "db.password"
// hides password in the group db as well.
type censor map[string]struct{}

// newCensor makes the set; its error names the first key that has to stay.
func newCensor(keys []string) (censor, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	c := make(censor, 2*len(keys))
	for _, key := range keys {
		if mustStay(key) {
			return nil, fmt.Errorf("censoring %q would take the records out of their stream: remove it", key)
		}
		c[key] = struct{}{}
		c[gelf.FieldName(key)] = struct{}{}
	}
	return c, nil
}

// mustStay reports whether the stream rules, or those who look at a record,
// depend on the field of this key.
func mustStay(key string) bool {
	name := gelf.FieldName(key)
	return name == "logger_" || name == "level_"
}

func (c censor) hides(key string) bool {
	_, ok := c[key]
	return ok
}

func (c censor) hidesName(name []byte) bool {
	_, ok := c[string(name)]
	return ok
}

// appendJSON appends compact, valid JSON to dst with the values of all hidden
// keys replaced, at any depth.
func (c censor) appendJSON(dst, src []byte) []byte {
	if len(c) == 0 {
		return append(dst, src...)
	}
	for i := 0; i < len(src); {
		if src[i] != '"' {
			dst = append(dst, src[i])
			i++
			continue
		}
		end := stringEnd(src, i)
		text := src[i:end]
		dst = append(dst, text...)
		i = end
		if i == len(src) || src[i] != ':' {
			continue // a value, not a key
		}
		var key string
		if json.Unmarshal(text, &key) == nil && c.hides(key) {
			dst = append(dst, ':', '"')
			dst = append(dst, censored...)
			dst = append(dst, '"')
			i = valueEnd(src, i+1)
		}
	}
	return dst
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

// marshal is [json.Marshal] without the escapes for HTML, which would stand in
// the text that people read.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
