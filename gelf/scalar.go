package gelf

import "strconv"

// How Jackson reads a value as another type: JsonNode.asText, asInt, asLong.

func asText(v value) string {
	switch v.kind {
	case kindString:
		return v.text
	case kindInt:
		if v.text == "-0" {
			return "0"
		}
		return v.text
	case kindFloat:
		f, _ := strconv.ParseFloat(v.text, 64)
		return string(appendJavaDouble(nil, f))
	case kindTrue:
		return "true"
	case kindFalse:
		return "false"
	case kindNull:
		return "null"
	}
	return ""
}

// asInt returns the number that Graylog makes of a value, -1 if none, and
// whether that is another one than was sent.
func asInt(v value) (int64, bool) {
	switch v.kind {
	case kindInt:
		n, exact := javaLong(v.text)
		return int64(int32(n)), !exact || int64(int32(n)) != n
	case kindFloat:
		f, _ := strconv.ParseFloat(v.text, 64)
		n := javaInt(f)
		return n, float64(n) != f
	case kindTrue:
		return 1, true
	case kindFalse:
		return 0, true
	case kindString:
		text := javaTrim(v.text)
		if n, err := strconv.ParseInt(text, 10, 32); err == nil {
			return n, true
		}
		if f, ok := javaDouble(text); ok && !wholeNumber(text) {
			return javaInt(f), true
		}
	}
	return -1, false
}

// asLong is asInt with 64 bits.
func asLong(v value) (int64, bool) {
	switch v.kind {
	case kindInt:
		n, exact := javaLong(v.text)
		return n, !exact
	case kindFloat:
		f, _ := strconv.ParseFloat(v.text, 64)
		n := javaCut(f)
		return n, float64(n) != f
	case kindString:
		text := javaTrim(v.text)
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, true
		}
		if f, ok := javaDouble(text); ok && !wholeNumber(text) {
			return javaCut(f), true
		}
		return -1, false
	}
	return asInt(v)
}

func wholeNumber(text string) bool {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && !(i == 0 && (c == '+' || c == '-')) {
			return false
		}
	}
	return true
}
