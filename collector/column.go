package collector

import (
	"encoding/binary"
	"math"
)

// A column is a field of a block's records.
type column struct {
	values []value // distinct
	rows   []uint16
	wide   bool // values is empty, and rows says 1 where there is one
}

// present returns the rows that have a value.
func (c *column) present() bitmap {
	set := newBitmap(len(c.rows))
	for i, at := range c.rows {
		if at > 0 {
			set.set(i)
		}
	}
	return set
}

// where returns the rows whose value is as f says.
func (c *column) where(f func(value) bool) bitmap {
	set := newBitmap(len(c.rows))
	yes := make([]bool, len(c.values)+1)
	any := false
	for i, v := range c.values {
		yes[i+1] = f(v)
		any = any || yes[i+1]
	}
	if any {
		for i, at := range c.rows {
			if yes[at] {
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
	if len(data) < 2 {
		return nil, errPart
	}
	c := &column{wide: data[0] == 1}
	at := 1
	number := func() []byte { return []byte(data[at:min(at+binary.MaxVarintLen64, len(data))]) }
	n, size := binary.Uvarint(number())
	if size <= 0 || n > uint64(len(data)) {
		return nil, errPart
	}
	at += size
	c.values = make([]value, n)
	for i := range c.values {
		if at >= len(data) {
			return nil, errPart
		}
		v := value{kind: data[at]}
		at++
		switch v.kind {
		case 's':
			length, size := binary.Uvarint(number())
			if size <= 0 || length > uint64(len(data)-at-size) {
				return nil, errPart
			}
			at += size
			v.s = data[at : at+int(length)]
			at += int(length)
		case 'i':
			v.i, size = binary.Varint(number())
			if size <= 0 {
				return nil, errPart
			}
			at += size
		default:
			if len(data)-at < 8 {
				return nil, errPart
			}
			v.f = math.Float64frombits(binary.LittleEndian.Uint64([]byte(data[at : at+8])))
			at += 8
		}
		c.values[i] = v
	}
	most := len(c.values)
	if c.wide {
		if most > 0 {
			return nil, errPart
		}
		most = 1
	}
	c.rows = make([]uint16, (len(data)-at)/2)
	for i := range c.rows {
		c.rows[i] = uint16(data[at+2*i]) | uint16(data[at+2*i+1])<<8
		if int(c.rows[i]) > most {
			return nil, errPart
		}
	}
	return c, nil
}
