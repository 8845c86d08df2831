package censor

import "github.com/aimakerspace/synlogger/internal/jsontext"

// AppendJSON appends src to dst with hidden keys and texts replaced by [Mark], at any
// depth, and returns the extended slice. Src must be valid, compact JSON. Path contains
// the keys around src.
func (r *Rules) AppendJSON(dst, src []byte, path []string) []byte {
	if r == nil {
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
				dst = r.appendText(dst, text)
				continue
			}
			around := path[:len(path)-1]
			key := jsontext.Unquote(text)
			dst = append(r.appendText(dst, text), ':')
			i++
			if r.HidesKey(around, key) {
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

// appendText appends a JSON string with hidden parts replaced.
func (r *Rules) appendText(dst, text []byte) []byte {
	if len(r.values) == 0 {
		return append(dst, text...)
	}
	plain := jsontext.Unquote(text)
	if shown := r.Text(plain); shown != plain {
		return jsontext.AppendString(dst, shown)
	}
	return append(dst, text...)
}
