package index

import (
	"encoding/binary"
	"math"
)

// A Column has the values of a field in a block. It stays in its stored form, because
// a chart over many fields only needs the numbers.
type Column struct {
	Distinct   int    // number of distinct values
	dictionary string // the distinct values, one after the other
	Codes      codes
	Wide       bool // Distinct is 0, and Codes has 1 for each row with a value
}

// codes has for each row the number of its value in the dictionary, from 1. 0 means
// that the row has no value.
type codes string

func (p codes) len() int { return len(p) / 2 }

// At returns the code of the ith row.
func (p codes) At(i int) uint16 { return uint16(p[2*i]) | uint16(p[2*i+1])<<8 }

// EachValue calls f with the distinct values and their codes.
func (c *Column) EachValue(f func(code int, v Value)) {
	at := 0
	for i := range c.Distinct {
		v, from := Value{Kind: c.dictionary[at]}, at+1
		at = valueEnd(c.dictionary, at)
		switch v.Kind {
		case KindText:
			_, text := cutNumber(c.dictionary[from:at])
			v.Str = text
		case KindInteger:
			v.Int = decodeInteger(c.dictionary[from:at])
		default:
			v.Float = decodeFloat(c.dictionary[from:at])
		}
		f(i+1, v)
	}
}

// Numbers returns the values by code. Values that are not numbers are NaN.
func (c *Column) Numbers() []float64 {
	all := make([]float64, c.Distinct+1)
	all[0] = math.NaN()
	at := 0
	for i := range c.Distinct {
		kind, from := c.dictionary[at], at+1
		at = valueEnd(c.dictionary, at)
		switch kind {
		case KindText:
			all[i+1] = math.NaN()
		case KindInteger:
			all[i+1] = float64(decodeInteger(c.dictionary[from:at]))
		default:
			all[i+1] = decodeFloat(c.dictionary[from:at])
		}
	}
	return all
}

// Present returns the rows that have a value.
func (c *Column) Present() Bitmap {
	set := NewBitmap(c.Codes.len())
	for i := range c.Codes.len() {
		if c.Codes.At(i) > 0 {
			set.Set(i)
		}
	}
	return set
}

// Where returns the rows whose value satisfies f.
func (c *Column) Where(f func(Value) bool) Bitmap {
	set := NewBitmap(c.Codes.len())
	yes := make([]bool, c.Distinct+1)
	any := false
	c.EachValue(func(code int, v Value) {
		yes[code] = f(v)
		any = any || yes[code]
	})
	if any {
		for i := range c.Codes.len() {
			if yes[c.Codes.At(i)] {
				set.Set(i)
			}
		}
	}
	return set
}

type columnBuilder struct {
	codes  []uint16
	texts  map[string]uint16
	ints   map[int64]uint16
	floats map[uint64]uint16
	values []Value
	bytes  int
	wide   bool
}

func (c *columnBuilder) add(v Value, row int) {
	if c.wide {
		c.codes[row] = 1
		return
	}
	var at uint16
	var known bool
	switch v.Kind {
	case KindText:
		if at, known = c.texts[v.Str]; !known {
			if c.texts == nil {
				c.texts = make(map[string]uint16)
			}
			at = uint16(len(c.values) + 1)
			c.texts[v.Str] = at
		}
	case KindInteger:
		if at, known = c.ints[v.Int]; !known {
			if c.ints == nil {
				c.ints = make(map[int64]uint16)
			}
			at = uint16(len(c.values) + 1)
			c.ints[v.Int] = at
		}
	default:
		bits := math.Float64bits(v.Float)
		if at, known = c.floats[bits]; !known {
			if c.floats == nil {
				c.floats = make(map[uint64]uint16)
			}
			at = uint16(len(c.values) + 1)
			c.floats[bits] = at
		}
	}
	c.codes[row] = at
	if known {
		return
	}
	c.values = append(c.values, v)
	if c.bytes += len(v.Str) + 10; c.bytes > columnBytes {
		c.wide, c.values, c.texts, c.ints, c.floats = true, nil, nil, nil, nil
		for i := range c.codes {
			c.codes[i] = min(c.codes[i], 1)
		}
	}
}

// encode returns the stored form of the column: a byte that is 1 if the column is
// wide, the number of values, the values, and for each row the code of its value in
// two bytes.
func (c *columnBuilder) encode() []byte {
	out := make([]byte, 0, c.bytes+2*len(c.codes)+8)
	if c.wide {
		out = append(out, 1)
	} else {
		out = append(out, 0)
	}
	out = binary.AppendUvarint(out, uint64(len(c.values)))
	for _, v := range c.values {
		out = append(out, v.Kind)
		switch v.Kind {
		case KindText:
			out = append(binary.AppendUvarint(out, uint64(len(v.Str))), v.Str...)
		case KindInteger:
			out = binary.AppendVarint(out, v.Int)
		default:
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v.Float))
		}
	}
	for _, at := range c.codes {
		out = binary.LittleEndian.AppendUint16(out, at)
	}
	return out
}

func decodeColumn(data string) (*Column, error) {
	if data == "" {
		return nil, errDamagedPart
	}
	n, values := cutNumber(data[1:])
	end := 0
	for range n {
		if end = valueEnd(values, end); end < 0 {
			return nil, errDamagedPart
		}
	}
	c := &Column{Distinct: n, dictionary: values[:end], Codes: codes(values[end:]), Wide: data[0] == 1}
	if n < 0 || c.Wide && n > 0 || len(c.Codes)%2 != 0 {
		return nil, errDamagedPart
	}
	most := uint16(min(n, math.MaxUint16))
	if c.Wide {
		most = 1
	}
	for i := range c.Codes.len() {
		if c.Codes.At(i) > most {
			return nil, errDamagedPart
		}
	}
	return c, nil
}

// valueEnd returns the offset of the end of a value, and a negative number if the
// value is malformed. A value is its kind, followed by the length and bytes of a text,
// a signed varint for an integer, or 8 bytes for a float.
func valueEnd(text string, at int) int {
	if at >= len(text) {
		return -1
	}
	kind := text[at]
	at++
	switch kind {
	case KindText:
		n, rest := cutNumber(text[at:])
		if n < 0 || n > len(rest) {
			return -1
		}
		return len(text) - len(rest) + n
	case KindInteger:
		for end := at; end < len(text) && end < at+binary.MaxVarintLen64; end++ {
			if text[end] < 0x80 {
				return end + 1
			}
		}
		return -1
	}
	if at+8 > len(text) {
		return -1
	}
	return at + 8
}

// decodeInteger decodes a signed varint.
func decodeInteger(text string) int64 {
	var u uint64
	for i := range len(text) {
		u |= uint64(text[i]&0x7f) << (7 * i)
	}
	return int64(u>>1) ^ -int64(u&1)
}

func decodeFloat(text string) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64([]byte(text)))
}
