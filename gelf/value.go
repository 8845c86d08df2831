package gelf

import "strconv"

// A kind is the type of a JSON value in Jackson.
type kind uint8

const (
	kindString kind = iota
	kindInt
	kindFloat
	kindTrue
	kindFalse
	kindNull
	kindObject
	kindArray
)

func (k kind) String() string {
	return [...]string{"text", "number", "number", "boolean", "boolean", "null", "object", "array"}[k]
}

// noun returns the kind with its article.
func (k kind) noun() string {
	switch k {
	case kindNull:
		return "null"
	case kindObject, kindArray:
		return "an " + k.String()
	}
	return "a " + k.String()
}

// A value is a JSON value of a member of the frame. Its text is the contents of a
// string, the digits of a number, or the JSON text that Jackson writes for an object or
// array.
type value struct {
	kind kind
	text string
	at   int // offset in the text
}

// asText is JsonNode.asText of Jackson.
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

// asInt is JsonNode.asInt of Jackson, with the default -1. It also reports whether the
// result differs from the value.
func asInt(v value) (int64, bool) {
	switch v.kind {
	case kindInt:
		n, exact := javaParseLong(v.text)
		return int64(int32(n)), !exact || int64(int32(n)) != n
	case kindFloat:
		f, _ := strconv.ParseFloat(v.text, 64)
		n := javaToInt(f)
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
		if f, ok := javaParseDouble(text); ok && !wholeNumber(text) {
			return javaToInt(f), true
		}
	}
	return -1, false
}

// asLong is like asInt with 64 bits.
func asLong(v value) (int64, bool) {
	switch v.kind {
	case kindInt:
		n, exact := javaParseLong(v.text)
		return n, !exact
	case kindFloat:
		f, _ := strconv.ParseFloat(v.text, 64)
		n := javaToLong(f)
		return n, float64(n) != f
	case kindString:
		text := javaTrim(v.text)
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, true
		}
		if f, ok := javaParseDouble(text); ok && !wholeNumber(text) {
			return javaToLong(f), true
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
