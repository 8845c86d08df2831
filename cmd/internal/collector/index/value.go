package index

import "strconv"

// A value is the value of a field: a text, an integer or a float.
type Value struct {
	Kind  byte // 's', 'i', 'f'; 0 for none
	Str   string
	Int   int64
	Float float64
}

func NewText(s string) Value   { return Value{Kind: 's', Str: s} }
func NewInteger(i int64) Value { return Value{Kind: 'i', Int: i} }
func newFloat(f float64) Value {
	return Value{Kind: 'f', Float: f}
}

// number returns the value as a float, if it is a number.
func (v Value) Number() (float64, bool) {
	switch v.Kind {
	case 'i':
		return float64(v.Int), true
	case 'f':
		return v.Float, true
	}
	return 0, false
}

// text returns the value as Graylog shows it.
func (v Value) Text() string {
	switch v.Kind {
	case 'i':
		return strconv.FormatInt(v.Int, 10)
	case 'f':
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	}
	return v.Str
}

// any returns the value as the API has it.
func (v Value) Any() any {
	switch v.Kind {
	case 'i':
		return v.Int
	case 'f':
		return v.Float
	case 's':
		return v.Str
	}
	return nil
}

// words returns the text in which a word without a field is looked for, "" for
// a float.
func (v Value) SearchText() string {
	if v.Kind == 'f' {
		return ""
	}
	return v.Text()
}
