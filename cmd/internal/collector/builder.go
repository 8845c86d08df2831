package collector

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// A blockBuilder makes the parts of blocks. It keeps its memory from one to the
// next.
type blockBuilder struct {
	columns  map[string]*columnBuilder
	overflow bool
	times    []byte
	words    vocabularyBuilder
	ints     vocabularyBuilder
	texts    textBuilder
	scratch  []byte
}

// keepWords is how many words, or texts, a builder keeps the memory of.
const keepWords = 100_000

// build returns the parts of a block by their names, as they are stored. They
// are valid until the next block is built.
func (b *blockBuilder) build(rows []row) map[string][]byte {
	if max(len(b.words.rows.last), len(b.ints.rows.last), len(b.texts.rows.last)) > keepWords { // of a block of nothing but new words
		*b = blockBuilder{}
	}
	b.columns, b.overflow, b.times = make(map[string]*columnBuilder), false, b.times[:0]
	b.words.reset()
	b.ints.reset()
	b.texts.reset()
	for i := range rows {
		r := &rows[i]
		b.times = binary.LittleEndian.AppendUint64(b.times, uint64(r.timestamp))
		b.index(i, messageText, r.message)
		if r.fullMessage != "" {
			b.index(i, fullText, r.fullMessage)
		}
		r.eachValue(func(name string, v value) bool {
			b.add(name, v, i, len(rows))
			switch {
			case name == streamsColumn, v.kind == 's' && v.s == r.message:
			case v.kind == 's':
				b.index(i, valueText, v.s)
			case v.kind == 'i':
				b.indexInt(i, v.i)
			}
			return true
		})
	}
	parts := map[string][]byte{
		timePart: b.times,
		wordPart: b.words.words, wordRowsPart: b.words.rows.encode(len(rows)),
		intPart: b.ints.words, intRowsPart: b.ints.rows.encode(len(rows)),
		textPart: b.texts.runs, textRowsPart: b.texts.rows.encode(len(rows)),
	}
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

// index remembers a text of a row, and its words.
func (b *blockBuilder) index(row int, kind byte, text string) {
	t := &b.texts
	r, known := t.known[kind][text]
	if !known {
		t.runs = append(t.runs, kind)
		r = run{number: int32(t.rows.list()), from: int32(len(t.runs))}
		b.scratch = eachToken(text, b.scratch, func(word []byte) bool {
			t.runs = binary.AppendUvarint(t.runs, uint64(firstWord+b.words.number(word)))
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

// indexInt remembers the word of an integer. Its sign is no part of it.
func (b *blockBuilder) indexInt(row int, i int64) {
	b.scratch = strconv.AppendInt(b.scratch[:0], i, 10)
	b.ints.rows.add(b.ints.number(bytes.TrimPrefix(b.scratch, []byte("-"))), row)
}
