package index

import (
	"encoding/binary"
	"math"
)

// A column is a field of a block's records. It stays as it is stored, so that a
// chart over many fields makes nothing but numbers of it.
type Column struct {
	Distinct   int    // distinct values
	dictionary string // them, one after the other
	Codes      codes
	Wide       bool // n is 0, and rows says 1 where there is a value
}

// places say for each row where in a column its value is, from 1; 0 is nowhere.
type codes string

func (p codes) len() int        { return len(p) / 2 }
func (p codes) At(i int) uint16 { return uint16(p[2*i]) | uint16(p[2*i+1])<<8 }

// each calls f with the values and their places.
func (c *Column) EachValue(f func(place int, v Value)) {
	at := 0
	for i := range c.Distinct {
		v, from := Value{Kind: c.dictionary[at]}, at+1
		at = valueEnd(c.dictionary, at)
		switch v.Kind {
		case 's':
			_, text := cutNumber(c.dictionary[from:at])
			v.Str = text
		case 'i':
			v.Int = decodeInteger(c.dictionary[from:at])
		default:
			v.Float = decodeFloat(c.dictionary[from:at])
		}
		f(i+1, v)
	}
}

// numbers returns the values by their places, NaN for what is no number.
func (c *Column) Numbers() []float64 {
	all := make([]float64, c.Distinct+1)
	all[0] = math.NaN()
	at := 0
	for i := range c.Distinct {
		kind, from := c.dictionary[at], at+1
		at = valueEnd(c.dictionary, at)
		switch kind {
		case 's':
			all[i+1] = math.NaN()
		case 'i':
			all[i+1] = float64(decodeInteger(c.dictionary[from:at]))
		default:
			all[i+1] = decodeFloat(c.dictionary[from:at])
		}
	}
	return all
}

// present returns the rows that have a value.
func (c *Column) Present() Bitmap {
	set := NewBitmap(c.Codes.len())
	for i := range c.Codes.len() {
		if c.Codes.At(i) > 0 {
			set.Set(i)
		}
	}
	return set
}

// where returns the rows whose value is as f says.
func (c *Column) Where(f func(Value) bool) Bitmap {
	set := NewBitmap(c.Codes.len())
	yes := make([]bool, c.Distinct+1)
	any := false
	c.EachValue(func(place int, v Value) {
		yes[place] = f(v)
		any = any || yes[place]
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
	case 's':
		if at, known = c.texts[v.Str]; !known {
			if c.texts == nil {
				c.texts = make(map[string]uint16)
			}
			at = uint16(len(c.values) + 1)
			c.texts[v.Str] = at
		}
	case 'i':
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

// encode returns the column as it is stored: a byte that is 1 if it is wide,
// the values, and for each row two bytes with the place of its value, from 1.
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
		case 's':
			out = append(binary.AppendUvarint(out, uint64(len(v.Str))), v.Str...)
		case 'i':
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

// endOfValue returns where a value ends that begins at a place: its kind, and then
// of a text its length and itself, of an integer a signed varint, of a float 8
// bytes. It is negative if there is none.
func valueEnd(text string, at int) int {
	if at >= len(text) {
		return -1
	}
	kind := text[at]
	at++
	switch kind {
	case 's':
		n, rest := cutNumber(text[at:])
		if n < 0 || n > len(rest) {
			return -1
		}
		return len(text) - len(rest) + n
	case 'i':
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

// zigzag returns the integer of a signed varint.
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
