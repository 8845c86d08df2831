package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
)

// Bounds of a block.
const (
	BlockRows    = 4_096
	BlockBytes   = 4 << 20 // a block of long texts has fewer rows: building it takes memory for each word
	blockColumns = 256     // of further fields, the block only records that they exist
	columnBytes  = 2 << 20 // of distinct values; a wider column only records which rows have a value
)

// The parts of a block that are not columns of a field.
const (
	partTimes       = " timestamp"        // milliseconds, 8 bytes a row
	partWords       = " tokens"           // a Vocabulary
	PartWordRows    = " postings"         // Postings, by the number of the word
	partIntegers    = " integers"         // a Vocabulary, of the fields that are integers
	PartIntegerRows = " integer postings" // Postings, by the number of the word
	partTexts       = " texts"            // the runs of Texts
	partTextRows    = " text postings"    // Postings, by the number of the text
	partOverflow    = " overflow"         // exists if there are more fields than blockColumns
)

// A Block is a sequence of records, stored as columns. A search or a chart reads only
// the columns of its fields, and each distinct value once. For each word, the block
// has the rows that contain the word. Parts are loaded when they are first used.
//
// A Block is not safe for concurrent use. Its parts may be shared.
type Block struct {
	First     int64                                        // id of the first record
	Rows      int                                          // number of records
	Load      func(names []string) (map[string]any, error) // parts; it may return more of them
	PartNames func() ([]string, error)                     // returns the names of all parts

	parts map[string]any
	Err   error // of the first part that could not be read
}

func (b *Block) part(name string) any {
	if p, ok := b.parts[name]; ok {
		return p
	}
	b.load([]string{name})
	return b.parts[name]
}

// Prefetch loads the timestamps and the columns of fields at once, which is faster than
// one after the other.
func (b *Block) Prefetch(fields []string) {
	var names []string
	for _, name := range append([]string{partTimes}, fields...) {
		if _, ok := b.parts[name]; !ok {
			names = append(names, name)
		}
	}
	b.load(names)
}

// load loads parts. Those that cannot be read are nil.
func (b *Block) load(names []string) {
	if b.parts == nil {
		b.parts = make(map[string]any)
	}
	parts, err := b.Load(names)
	if err != nil && b.Err == nil {
		b.Err = err
	}
	for _, name := range names {
		b.parts[name] = parts[name]
	}
}

// Column returns the values of a field, nil if no record has the field or if the field
// is beyond the block's limit; see Overflow.
func (b *Block) Column(name string) *Column {
	c, _ := b.part(name).(*Column)
	if c != nil && c.Codes.len() != b.Rows {
		b.lacks(name)
		return nil
	}
	return c
}

// Times returns the timestamps in milliseconds.
func (b *Block) Times() Times {
	t, _ := b.part(partTimes).(Times)
	if len(t) != 8*b.Rows {
		b.lacks(partTimes)
		t = Times(make([]byte, 8*b.Rows))
	}
	return t
}

// Overflow reports whether records may have fields without a column.
func (b *Block) Overflow() bool { return b.part(partOverflow) != nil }

// Vocabulary returns the words of the block's records.
func (b *Block) Vocabulary() Vocabulary {
	v, ok := b.part(partWords).(Vocabulary)
	if !ok {
		b.lacks(partWords)
	}
	return v
}

// Integers returns the words of the fields that are integers. They are separate
// because most of them are new in each block, and a search for a word does not need
// them. Blocks without texts have them in their Vocabulary.
func (b *Block) Integers() Vocabulary {
	v, _ := b.part(partIntegers).(Vocabulary)
	return v
}

// Texts returns the texts of the block's records. known is false if the block was
// written before blocks had texts.
func (b *Block) Texts() (t Texts, known bool) {
	runs, known := b.part(partTexts).(string)
	return Texts{runs, func() Postings { return b.Postings(partTextRows) }}, known
}

// Postings returns the rows of each word, or of each text.
func (b *Block) Postings(name string) Postings {
	data, ok := b.part(name).(string)
	if !ok {
		b.lacks(name)
	}
	return Postings{data, b.Rows}
}

// lacks records that a mandatory part is missing or belongs to another block.
func (b *Block) lacks(name string) {
	if b.Err == nil {
		b.Err = fmt.Errorf(
			"%w: block %d: the part %q is missing or belongs to another block",
			ErrDamaged,
			b.First,
			name,
		)
	}
}

// Times are the timestamps of the rows, 8 bytes each.
type Times string

// At returns the timestamp of the ith row in milliseconds.
func (t Times) At(i int) int64 { return int64(binary.LittleEndian.Uint64([]byte(t[8*i : 8*i+8]))) }

var errDamagedPart = fmt.Errorf("%w: a part of a block cannot be read", ErrDamaged)

// DecodePart decodes a part that Build made.
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
		return Vocabulary(data), nil
	case PartWordRows, PartIntegerRows, partTextRows:
		return data, checkPostings(data)
	case partOverflow:
		return true, nil
	}
	return decodeColumn(data)
}

// ErrDamaged is the error of a damaged database: records are missing, or differ from
// what was written.
var ErrDamaged = errors.New("the database is damaged: restore a copy of the directory, or use a new one")

// Workers returns how many goroutines read blocks at once for one request.
func Workers() int { return min(4, runtime.GOMAXPROCS(0)) }
