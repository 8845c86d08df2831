package collector

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
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
	timePart     = " timestamp"        // milliseconds, 8 bytes a row
	wordPart     = " tokens"           // a vocabulary
	wordRowsPart = " postings"         // by the number of the word
	intPart      = " integers"         // a vocabulary, of the fields that are integers
	intRowsPart  = " integer postings" // by the number of the word
	textPart     = " texts"            // the runs of texts
	textRowsPart = " text postings"    // by the number of the text
	overflowPart = " overflow"         // there are more fields than blockColumns
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
	if c != nil && c.rows.len() != b.n {
		b.lacks(name)
		return nil
	}
	return c
}

// times returns the timestamps in milliseconds.
func (b *block) times() times {
	t, _ := b.part(timePart).(times)
	if len(t) != 8*b.n {
		b.lacks(timePart)
		t = times(make([]byte, 8*b.n))
	}
	return t
}

// overflow reports whether records may have fields that have no column.
func (b *block) overflow() bool { return b.part(overflowPart) != nil }

// vocabulary returns the words of the block's records.
func (b *block) vocabulary() vocabulary {
	v, ok := b.part(wordPart).(vocabulary)
	if !ok {
		b.lacks(wordPart)
	}
	return v
}

// integers returns the words of the fields that are integers. They are apart, as
// most are new, and a search for a word need not read them. Those of a block that
// has no texts are in its vocabulary.
func (b *block) integers() vocabulary {
	v, _ := b.part(intPart).(vocabulary)
	return v
}

// texts returns the texts of the block's records, if they are known.
func (b *block) texts() (t texts, known bool) {
	runs, known := b.part(textPart).(string)
	return texts{runs, func() postings { return b.postings(textRowsPart) }}, known
}

// postings returns which rows have the words, or the texts.
func (b *block) postings(name string) postings {
	data, ok := b.part(name).(string)
	if !ok {
		b.lacks(name)
	}
	return postings{data, b.n}
}

// lacks notes that a part which each block has is not there, or is that of
// another block.
func (b *block) lacks(name string) {
	if b.err == nil {
		b.err = fmt.Errorf("%w: block %d: the part %q is not there, or is that of another block", ErrDamaged, b.first, name)
	}
}

type times string

func (t times) at(i int) int64 { return int64(binary.LittleEndian.Uint64([]byte(t[8*i : 8*i+8]))) }

var errPart = fmt.Errorf("%w: a part of a block cannot be read", ErrDamaged)

// decodePart is the inverse of what build makes.
func decodePart(name string, data string) (any, error) {
	switch name {
	case timePart:
		return times(data), nil
	case wordPart, intPart, textPart:
		if len(data) == 0 || data[0] != 0 || data[len(data)-1] != 0 {
			return nil, errPart
		}
		if name == textPart {
			return data, nil
		}
		return vocabulary(data), nil
	case wordRowsPart, intRowsPart, textRowsPart:
		return data, checkPostings(data)
	case overflowPart:
		return true, nil
	}
	return decodeColumn(data)
}

// ErrDamaged says that the database of the store is damaged: records are missing,
// or cannot be read as they were written.
var ErrDamaged = errors.New("the database is damaged: restore a copy of the directory, or use a new one")

// workers returns how many goroutines read blocks at once for one request.
func workers() int { return min(4, runtime.GOMAXPROCS(0)) }
