package index

import "strconv"

// Kinds of values. They are part of the stored form.
const (
	KindText    = 's'
	KindInteger = 'i'
	KindFloat   = 'f'
)

// A Value is the value of a field: a text, an integer or a float.
type Value struct {
	Kind  byte // KindText, KindInteger or KindFloat; 0 without a value
	Str   string
	Int   int64
	Float float64
}

// NewText returns a text.
func NewText(s string) Value { return Value{Kind: KindText, Str: s} }

// NewInteger returns an integer.
func NewInteger(i int64) Value { return Value{Kind: KindInteger, Int: i} }
func newFloat(f float64) Value {
	return Value{Kind: KindFloat, Float: f}
}

// Number returns the value as a float if it is a number.
func (v Value) Number() (float64, bool) {
	switch v.Kind {
	case KindInteger:
		return float64(v.Int), true
	case KindFloat:
		return v.Float, true
	}
	return 0, false
}

// Text returns the value as Graylog shows it.
func (v Value) Text() string {
	switch v.Kind {
	case KindInteger:
		return strconv.FormatInt(v.Int, 10)
	case KindFloat:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	}
	return v.Str
}

// Any returns the value as a string, int64 or float64, nil without a value.
func (v Value) Any() any {
	switch v.Kind {
	case KindInteger:
		return v.Int
	case KindFloat:
		return v.Float
	case KindText:
		return v.Str
	}
	return nil
}

// SearchText returns the text that a search without a field name looks at: "" for a
// float.
func (v Value) SearchText() string {
	if v.Kind == KindFloat {
		return ""
	}
	return v.Text()
}
