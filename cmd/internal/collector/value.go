package collector

import "strconv"

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
