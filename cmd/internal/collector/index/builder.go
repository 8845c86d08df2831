package index

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// A Builder builds the parts of blocks. It reuses its memory.
type Builder struct {
	columns  map[string]*columnBuilder
	overflow bool
	times    []byte
	words    vocabularyBuilder
	integers vocabularyBuilder
	texts    textBuilder
	scratch  []byte
}

// keepWords is the number of words, or texts, up to which a builder reuses its memory.
const keepWords = 100_000

// Build returns the parts of a block by name, in their stored form. They are valid
// until the next call.
func (b *Builder) Build(rows []Row) map[string][]byte {
	// the last block had almost only new words
	if max(len(b.words.rows.last), len(b.integers.rows.last), len(b.texts.rows.last)) > keepWords {
		*b = Builder{}
	}
	b.columns, b.overflow, b.times = make(map[string]*columnBuilder), false, b.times[:0]
	b.words.reset()
	b.integers.reset()
	b.texts.reset()
	for i := range rows {
		r := &rows[i]
		b.times = binary.LittleEndian.AppendUint64(b.times, uint64(r.Timestamp))
		b.index(i, TextMessage, r.Message)
		if r.FullMessage != "" {
			b.index(i, TextFull, r.FullMessage)
		}
		r.EachField(func(name string, v Value) bool {
			b.add(name, v, i, len(rows))
			switch {
			case name == StreamsColumn, v.Kind == KindText && v.Str == r.Message:
			case v.Kind == KindText:
				b.index(i, textValue, v.Str)
			case v.Kind == KindInteger:
				b.indexInt(i, v.Int)
			}
			return true
		})
	}
	parts := map[string][]byte{
		partTimes: b.times,
		partWords: b.words.words, PartWordRows: b.words.rows.encode(len(rows)),
		partIntegers: b.integers.words, PartIntegerRows: b.integers.rows.encode(len(rows)),
		partTexts: b.texts.runs, partTextRows: b.texts.rows.encode(len(rows)),
	}
	for name, c := range b.columns {
		parts[name] = c.encode()
	}
	if b.overflow {
		parts[partOverflow] = []byte{1}
	}
	return parts
}

// add adds a value to its column.
func (b *Builder) add(name string, v Value, row, n int) {
	c := b.columns[name]
	if c == nil {
		if len(b.columns) >= blockColumns {
			b.overflow = true
			return
		}
		c = &columnBuilder{codes: make([]uint16, n)}
		b.columns[name] = c
	}
	c.add(v, row)
}

// index adds a text of a row, and its words.
func (b *Builder) index(row int, kind byte, text string) {
	t := &b.texts
	r, known := t.known[kind][text]
	if !known {
		t.runs = append(t.runs, kind)
		r = run{number: int32(t.rows.list()), from: int32(len(t.runs))}
		b.scratch = EachWord(text, b.scratch, func(word []byte) bool {
			t.runs = AppendWord(t.runs, b.words.number(word))
			return true
		})
		r.to = int32(len(t.runs))
		t.runs = append(t.runs, 0)
		t.known[kind][text] = r
	}
	t.rows.add(int(r.number), row)
	for rest := t.runs[r.from:r.to]; len(rest) > 0; {
		n, size := binary.Uvarint(rest)
		b.words.rows.add(int(n)-firstWord, row)
		rest = rest[size:]
	}
}

// indexInt adds the digits of an integer as a word, without the sign.
func (b *Builder) indexInt(row int, i int64) {
	b.scratch = strconv.AppendInt(b.scratch[:0], i, 10)
	b.integers.rows.add(b.integers.number(bytes.TrimPrefix(b.scratch, []byte("-"))), row)
}
