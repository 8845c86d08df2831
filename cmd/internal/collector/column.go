package collector

import (
	"encoding/binary"
	"math"
)

// A column is a field of a block's records. It stays as it is stored, so that a
// chart over many fields makes nothing but numbers of it.
type column struct {
	n      int    // distinct values
	values string // them, one after the other
	rows   places
	wide   bool // n is 0, and rows says 1 where there is a value
}

// places say for each row where in a column its value is, from 1; 0 is nowhere.
type places string

func (p places) len() int        { return len(p) / 2 }
func (p places) at(i int) uint16 { return uint16(p[2*i]) | uint16(p[2*i+1])<<8 }

// each calls f with the values and their places.
func (c *column) each(f func(place int, v value)) {
	at := 0
	for i := range c.n {
		v, from := value{kind: c.values[at]}, at+1
		at = endOfValue(c.values, at)
		switch v.kind {
		case 's':
			_, text := cutNumber(c.values[from:at])
			v.s = text
		case 'i':
			v.i = zigzag(c.values[from:at])
		default:
			v.f = float(c.values[from:at])
		}
		f(i+1, v)
	}
}

// numbers returns the values by their places, NaN for what is no number.
func (c *column) numbers() []float64 {
	all := make([]float64, c.n+1)
	all[0] = math.NaN()
	at := 0
	for i := range c.n {
		kind, from := c.values[at], at+1
		at = endOfValue(c.values, at)
		switch kind {
		case 's':
			all[i+1] = math.NaN()
		case 'i':
			all[i+1] = float64(zigzag(c.values[from:at]))
		default:
			all[i+1] = float(c.values[from:at])
		}
	}
	return all
}

// present returns the rows that have a value.
func (c *column) present() bitmap {
	set := newBitmap(c.rows.len())
	for i := range c.rows.len() {
		if c.rows.at(i) > 0 {
			set.set(i)
		}
	}
	return set
}

// where returns the rows whose value is as f says.
func (c *column) where(f func(value) bool) bitmap {
	set := newBitmap(c.rows.len())
	yes := make([]bool, c.n+1)
	any := false
	c.each(func(place int, v value) {
		yes[place] = f(v)
		any = any || yes[place]
	})
	if any {
		for i := range c.rows.len() {
			if yes[c.rows.at(i)] {
				set.set(i)
			}
		}
	}
	return set
}

type columnBuilder struct {
	rows   []uint16
	texts  map[string]uint16
	ints   map[int64]uint16
	floats map[uint64]uint16
	values []value
	bytes  int
	wide   bool
}

func (c *columnBuilder) add(v value, row int) {
	if c.wide {
		c.rows[row] = 1
		return
	}
	var at uint16
	var known bool
	switch v.kind {
	case 's':
		if at, known = c.texts[v.s]; !known {
			if c.texts == nil {
				c.texts = make(map[string]uint16)
			}
			at = uint16(len(c.values) + 1)
			c.texts[v.s] = at
		}
	case 'i':
		if at, known = c.ints[v.i]; !known {
			if c.ints == nil {
				c.ints = make(map[int64]uint16)
			}
			at = uint16(len(c.values) + 1)
			c.ints[v.i] = at
		}
	default:
		bits := math.Float64bits(v.f)
		if at, known = c.floats[bits]; !known {
			if c.floats == nil {
				c.floats = make(map[uint64]uint16)
			}
			at = uint16(len(c.values) + 1)
			c.floats[bits] = at
		}
	}
	c.rows[row] = at
	if known {
		return
	}
	c.values = append(c.values, v)
	if c.bytes += len(v.s) + 10; c.bytes > columnBytes {
		c.wide, c.values, c.texts, c.ints, c.floats = true, nil, nil, nil, nil
		for i := range c.rows {
			c.rows[i] = min(c.rows[i], 1)
		}
	}
}

// encode returns the column as it is stored: a byte that is 1 if it is wide,
// the values, and for each row two bytes with the place of its value, from 1.
func (c *columnBuilder) encode() []byte {
	out := make([]byte, 0, c.bytes+2*len(c.rows)+8)
	if c.wide {
		out = append(out, 1)
	} else {
		out = append(out, 0)
	}
	out = binary.AppendUvarint(out, uint64(len(c.values)))
	for _, v := range c.values {
		out = append(out, v.kind)
		switch v.kind {
		case 's':
			out = append(binary.AppendUvarint(out, uint64(len(v.s))), v.s...)
		case 'i':
			out = binary.AppendVarint(out, v.i)
		default:
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v.f))
		}
	}
	for _, at := range c.rows {
		out = binary.LittleEndian.AppendUint16(out, at)
	}
	return out
}

func decodeColumn(data string) (*column, error) {
	if data == "" {
		return nil, errPart
	}
	n, values := cutNumber(data[1:])
	end := 0
	for range n {
		if end = endOfValue(values, end); end < 0 {
			return nil, errPart
		}
	}
	c := &column{n: n, values: values[:end], rows: places(values[end:]), wide: data[0] == 1}
	if n < 0 || c.wide && n > 0 || len(c.rows)%2 != 0 {
		return nil, errPart
	}
	most := uint16(min(n, math.MaxUint16))
	if c.wide {
		most = 1
	}
	for i := range c.rows.len() {
		if c.rows.at(i) > most {
			return nil, errPart
		}
	}
	return c, nil
}

// endOfValue returns where a value ends that begins at a place: its kind, and then
// of a text its length and itself, of an integer a signed varint, of a float 8
// bytes. It is negative if there is none.
func endOfValue(text string, at int) int {
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
func zigzag(text string) int64 {
	var u uint64
	for i := range len(text) {
		u |= uint64(text[i]&0x7f) << (7 * i)
	}
	return int64(u>>1) ^ -int64(u&1)
}

func float(text string) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64([]byte(text)))
}
