package censor

import "github.com/aimakerspace/synlogger/internal/jsontext"

// appendJSON appends compact, valid JSON to dst, without what is hidden at any
// depth. The path has the keys around src.
func (c *Rules) AppendJSON(dst, src []byte, path []string) []byte {
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
			end := jsontext.StringEnd(src, i)
			text := src[i:end]
			i = end
			if i == len(src) || src[i] != ':' {
				dst = c.appendText(dst, text)
				continue
			}
			around := path[:len(path)-1]
			key := jsontext.Unquote(text)
			dst = append(c.appendText(dst, text), ':')
			i++
			if c.HidesKey(around, key) {
				dst = jsontext.AppendString(dst, Mark)
				i = jsontext.ValueEnd(src, i)
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
func (c *Rules) appendText(dst, text []byte) []byte {
	if len(c.values) == 0 {
		return append(dst, text...)
	}
	plain := jsontext.Unquote(text)
	if shown := c.Text(plain); shown != plain {
		return jsontext.AppendString(dst, shown)
	}
	return append(dst, text...)
}
