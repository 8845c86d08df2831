package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
)

// The bounds of a block.
const (
	BlockRows    = 4_096
	BlockBytes   = 4 << 20 // a block of long texts has fewer rows: each word of it takes memory while it is made
	blockColumns = 256     // the fields beyond are known to be there, not what they are
	columnBytes  = 2 << 20 // of distinct values; of a wider column it is known which rows have it
)

// The parts of a block that are no column of a field.
const (
	partTimes       = " timestamp"        // milliseconds, 8 bytes a row
	partWords       = " tokens"           // a vocabulary
	PartWordRows    = " postings"         // by the number of the word
	partIntegers    = " integers"         // a vocabulary, of the fields that are integers
	PartIntegerRows = " integer postings" // by the number of the word
	partTexts       = " texts"            // the runs of texts
	partTextRows    = " text postings"    // by the number of the text
	partOverflow    = " overflow"         // there are more fields than blockColumns
)

// A block is a run of records turned into columns, so that a search or a chart
// reads of 4,096 records only the fields that it is about, each distinct value
// once, and knows for each word which of them have it. Its parts are read when
// they are needed.
//
// A block is for one goroutine; what it reads may be shared.
type Block struct {
	First     int64 // id of its first record
	Rows      int   // records
	Load      func(name string) (any, error)
	PartNames func() ([]string, error) // of its parts

	parts map[string]any
	Err   error // of the first part that could not be read
}

func (b *Block) part(name string) any {
	if p, ok := b.parts[name]; ok {
		return p
	}
	p, err := b.Load(name)
	if err != nil && b.Err == nil {
		b.Err = err
	}
	if b.parts == nil {
		b.parts = make(map[string]any)
	}
	b.parts[name] = p
	return p
}

// column returns the values of a field, nil if no record has it as far as is
// known; see overflow.
func (b *Block) Column(name string) *Column {
	c, _ := b.part(name).(*Column)
	if c != nil && c.Codes.len() != b.Rows {
		b.lacks(name)
		return nil
	}
	return c
}

// times returns the timestamps in milliseconds.
func (b *Block) Times() Times {
	t, _ := b.part(partTimes).(Times)
	if len(t) != 8*b.Rows {
		b.lacks(partTimes)
		t = Times(make([]byte, 8*b.Rows))
	}
	return t
}

// overflow reports whether records may have fields that have no column.
func (b *Block) Overflow() bool { return b.part(partOverflow) != nil }

// vocabulary returns the words of the block's records.
func (b *Block) Vocabulary() vocabulary {
	v, ok := b.part(partWords).(vocabulary)
	if !ok {
		b.lacks(partWords)
	}
	return v
}

// integers returns the words of the fields that are integers. They are apart, as
// most are new, and a search for a word need not read them. Those of a block that
// has no texts are in its vocabulary.
func (b *Block) Integers() vocabulary {
	v, _ := b.part(partIntegers).(vocabulary)
	return v
}

// texts returns the texts of the block's records, if they are known.
func (b *Block) Texts() (t texts, known bool) {
	runs, known := b.part(partTexts).(string)
	return texts{runs, func() postings { return b.Postings(partTextRows) }}, known
}

// postings returns which rows have the words, or the texts.
func (b *Block) Postings(name string) postings {
	data, ok := b.part(name).(string)
	if !ok {
		b.lacks(name)
	}
	return postings{data, b.Rows}
}

// lacks notes that a part which each block has is not there, or is that of
// another block.
func (b *Block) lacks(name string) {
	if b.Err == nil {
		b.Err = fmt.Errorf("%w: block %d: the part %q is not there, or is that of another block", ErrDamaged, b.First, name)
	}
}

type Times string

func (t Times) At(i int) int64 { return int64(binary.LittleEndian.Uint64([]byte(t[8*i : 8*i+8]))) }

var errDamagedPart = fmt.Errorf("%w: a part of a block cannot be read", ErrDamaged)

// decodePart is the inverse of what build makes.
func DecodePart(name string, data string) (any, error) {
	switch name {
	case partTimes:
		return Times(data), nil
	case partWords, partIntegers, partTexts:
		if len(data) == 0 || data[0] != 0 || data[len(data)-1] != 0 {
			return nil, errDamagedPart
		}
		if name == partTexts {
			return data, nil
		}
		return vocabulary(data), nil
	case PartWordRows, PartIntegerRows, partTextRows:
		return data, checkPostings(data)
	case partOverflow:
		return true, nil
	}
	return decodeColumn(data)
}

// ErrDamaged says that the database of the store is damaged: records are missing,
// or cannot be read as they were written.
var ErrDamaged = errors.New("the database is damaged: restore a copy of the directory, or use a new one")

// workers returns how many goroutines read blocks at once for one request.
func Workers() int { return min(4, runtime.GOMAXPROCS(0)) }
