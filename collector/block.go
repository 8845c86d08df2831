package collector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The bounds of a block.
const (
	blockRows    = 4_096
	blockBytes   = 4 << 20 // a block of long texts has fewer rows: each word of it takes memory while it is made
	blockColumns = 256     // the fields beyond are known to be there, not what they are
	columnBytes  = 2 << 20 // of distinct values; of a wider column it is known which rows have it
)

// The parts of a block that are no column of a field.
const (
	timePart     = " timestamp" // milliseconds, 8 bytes a row
	tokenPart    = " tokens"    // the words: a zero byte before each and behind the last one
	postingPart  = " postings"  // which rows have each word
	overflowPart = " overflow"  // there are more fields than blockColumns
)

// A block is a run of records turned into columns, so that a search or a chart
// reads of 4,096 records only the fields that it is about, each distinct value
// once, and knows for each word which of them have it. Its parts are read when
// they are needed.
//
// A block is for one goroutine; what it reads may be shared.
type block struct {
	first int64 // id of its first record
	n     int   // records
	load  func(name string) (any, error)
	names func() ([]string, error) // of its parts

	parts map[string]any
	err   error // of the first part that could not be read
}

func (b *block) part(name string) any {
	if p, ok := b.parts[name]; ok {
		return p
	}
	p, err := b.load(name)
	if err != nil && b.err == nil {
		b.err = err
	}
	if b.parts == nil {
		b.parts = make(map[string]any)
	}
	b.parts[name] = p
	return p
}

// column returns the values of a field, nil if no record has it as far as is
// known; see overflow.
func (b *block) column(name string) *column {
	c, _ := b.part(name).(*column)
	if c != nil && len(c.rows) != b.n {
		return nil
	}
	return c
}

// times returns the timestamps in milliseconds.
func (b *block) times() times {
	t, _ := b.part(timePart).(times)
	if len(t) != 8*b.n {
		b.err = errors.Join(b.err, fmt.Errorf("block %d has no timestamps", b.first))
		t = times(make([]byte, 8*b.n))
	}
	return t
}

// overflow reports whether records may have fields that have no column.
func (b *block) overflow() bool { return b.part(overflowPart) != nil }

// words returns the words of the block's records.
func (b *block) words() words {
	t, _ := b.part(tokenPart).(string)
	p, _ := b.part(postingPart).(string)
	return words{t, p, b.n}
}

type times string

func (t times) at(i int) int64 { return int64(binary.LittleEndian.Uint64([]byte(t[8*i : 8*i+8]))) }

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

// words are the words of a block with the rows that have them.
type words struct {
	tokens, postings string
	n                int
}

// of returns the rows that have a word.
func (w words) of(token string) bitmap {
	set := newBitmap(w.n)
	if at := strings.Index(w.tokens, "\x00"+token+"\x00"); at >= 0 {
		w.add(set, strings.Count(w.tokens[:at], "\x00"))
	}
	return set
}

// like returns the rows that have a word as f says, of those that begin with a
// prefix.
func (w words) like(prefix string, f func(string) bool) bitmap {
	set := newBitmap(w.n)
	nth, from := 0, 0
	for {
		at := strings.Index(w.tokens[from:], "\x00"+prefix)
		if at < 0 || from+at+1 >= len(w.tokens) {
			return set
		}
		nth += strings.Count(w.tokens[from:from+at], "\x00")
		start := from + at + 1
		end := start + strings.IndexByte(w.tokens[start:], 0)
		if end < start {
			return set
		}
		if f(w.tokens[start:end]) {
			w.add(set, nth)
		}
		from = from + at + 1
		nth++
	}
}

// add adds the rows of the nth word.
func (w words) add(set bitmap, nth int) {
	if len(w.postings) < 4*(nth+2) {
		return
	}
	offset := func(i int) int { return int(binary.LittleEndian.Uint32([]byte(w.postings[4*i : 4*i+4]))) }
	from, to := offset(nth), offset(nth+1)
	if from > to || to > len(w.postings) {
		return
	}
	list := []byte(w.postings[from:to])
	if len(list) == 0 { // stands for all
		set.or(allRows(w.n))
		return
	}
	for row := -1; len(list) > 0; {
		step, size := binary.Uvarint(list)
		if size <= 0 || step > uint64(w.n) {
			return
		}
		if row += int(step) + 1; row >= w.n {
			return
		}
		set.set(row)
		list = list[size:]
	}
}

// A blockBuilder makes the parts of blocks. It keeps its memory from one to the
// next.
type blockBuilder struct {
	columns  map[string]*columnBuilder
	overflow bool
	times    []byte
	tokens   map[string]int32
	text     []byte // of the tokens
	postings [][]uint16
	scratch  []byte
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

// keepTokens is how many words a builder keeps the memory of.
const keepTokens = 100_000

// build returns the parts of a block by their names, as they are stored.
func (b *blockBuilder) build(rows []row) map[string][]byte {
	if cap(b.postings) > keepTokens { // of a block of nothing but new words
		*b = blockBuilder{}
	}
	b.columns, b.overflow = make(map[string]*columnBuilder), false
	b.times = b.times[:0]
	b.tokens, b.text, b.postings = make(map[string]int32, len(b.tokens)), append(b.text[:0], 0), b.postings[:0]
	for i := range rows {
		r := &rows[i]
		b.times = binary.LittleEndian.AppendUint64(b.times, uint64(r.timestamp))
		b.index(i, r.message)
		if r.fullMessage != "" {
			b.index(i, r.fullMessage)
		}
		r.eachValue(func(name string, v value) bool {
			b.add(name, v, i, len(rows))
			if name != streamsColumn && !(v.kind == 's' && v.s == r.message) {
				b.index(i, v.words())
			}
			return true
		})
	}
	parts := map[string][]byte{timePart: slices.Clone(b.times), tokenPart: slices.Clone(b.text), postingPart: b.encodePostings(len(rows))}
	for name, c := range b.columns {
		parts[name] = c.encode()
	}
	if b.overflow {
		parts[overflowPart] = []byte{1}
	}
	return parts
}

// add puts a value into its column.
func (b *blockBuilder) add(name string, v value, row, n int) {
	c := b.columns[name]
	if c == nil {
		if len(b.columns) >= blockColumns {
			b.overflow = true
			return
		}
		c = &columnBuilder{rows: make([]uint16, n)}
		b.columns[name] = c
	}
	c.add(v, row)
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

// index remembers the words of a text.
func (b *blockBuilder) index(row int, text string) {
	b.scratch = eachToken(text, b.scratch, func(t []byte) bool {
		at, known := b.tokens[string(t)]
		if !known {
			at = int32(len(b.postings))
			b.tokens[string(t)] = at
			b.text = append(append(b.text, t...), 0)
			if len(b.postings) < cap(b.postings) {
				b.postings = b.postings[:at+1]
				b.postings[at] = b.postings[at][:0]
			} else {
				b.postings = append(b.postings, nil)
			}
		}
		if list := b.postings[at]; len(list) == 0 || list[len(list)-1] != uint16(row) {
			b.postings[at] = append(list, uint16(row))
		}
		return true
	})
}

// encodePostings returns the offsets of the lists, and the lists: the rows
// between two that have the word. The empty list stands for all rows.
func (b *blockBuilder) encodePostings(n int) []byte {
	out := make([]byte, 4*(len(b.postings)+1), 8*len(b.postings)+64)
	for i, list := range b.postings {
		binary.LittleEndian.PutUint32(out[4*i:], uint32(len(out)))
		if len(list) == n {
			continue
		}
		last := -1
		for _, row := range list {
			out = binary.AppendUvarint(out, uint64(int(row)-last-1))
			last = int(row)
		}
	}
	binary.LittleEndian.PutUint32(out[4*len(b.postings):], uint32(len(out)))
	return out
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

var errPart = errors.New("a part of a block cannot be read")

// decodePart is the inverse of what build makes.
func decodePart(name string, data []byte) (any, error) {
	switch name {
	case timePart:
		return times(data), nil
	case tokenPart, postingPart:
		return string(data), nil
	case overflowPart:
		return true, nil
	}
	return decodeColumn(data)
}

func decodeColumn(data []byte) (*column, error) {
	if len(data) < 2 {
		return nil, errPart
	}
	c := &column{wide: data[0] == 1}
	text := string(data)
	at := 1
	n, size := binary.Uvarint(data[at:])
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
			length, size := binary.Uvarint(data[at:])
			if size <= 0 || length > uint64(len(data)-at-size) {
				return nil, errPart
			}
			at += size
			v.s = text[at : at+int(length)]
			at += int(length)
		case 'i':
			v.i, size = binary.Varint(data[at:])
			if size <= 0 {
				return nil, errPart
			}
			at += size
		default:
			if len(data)-at < 8 {
				return nil, errPart
			}
			v.f = math.Float64frombits(binary.LittleEndian.Uint64(data[at:]))
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
		c.rows[i] = binary.LittleEndian.Uint16(data[at+2*i:])
		if int(c.rows[i]) > most {
			return nil, errPart
		}
	}
	return c, nil
}
