package index

import (
	"encoding/binary"
	"strings"
)

// Kinds of indexed texts.
const (
	TextAny     = iota
	TextMessage // also used for values that equal the message
	TextFull    // a full_message
	textValue   // the value of a field that is a text
	firstWord   // numbers of words start here
)

// Texts are the distinct texts of a block as the numbers of their words. With them, a
// search finds phrases without reading the records, and tells apart rows that have the
// same words in another order or in several texts.
//
// A text is stored as its kind and the numbers of its words as varints, starting at
// firstWord. A zero byte precedes each text and follows the last one; no such varint
// contains it.
//
// Blocks of stores that older versions wrote have no texts.
type Texts struct {
	runs string
	rows func() Postings // by the number of the text
}

// Phrase returns the rows with a text of a kind that contains consecutive words, given
// as a run.
func (t Texts) Phrase(kind byte, run string) Bitmap {
	rows := t.rows()
	set := NewBitmap(rows.n)
	number, counted := -1, 0
	for from := 0; ; {
		at := strings.Index(t.runs[from:], run)
		if at < 0 {
			return set
		}
		at += from
		from = at + 1
		if t.runs[at-1] >= 0x80 { // in the middle of a varint
			continue
		}
		start := strings.LastIndexByte(t.runs[:at], 0) + 1
		from = at + strings.IndexByte(t.runs[at:], 0) // one match in a text is enough
		if kind != TextAny && t.runs[start] != kind {
			continue
		}
		number += strings.Count(t.runs[counted:start], "\x00")
		counted = start
		rows.AddTo(set, number)
	}
}

// Where returns the rows with a text whose kind and run of words satisfy f.
func (t Texts) Where(f func(kind byte, run string) bool) Bitmap {
	rows := t.rows()
	set := NewBitmap(rows.n)
	for number, rest := 0, t.runs[1:]; rest != ""; number++ {
		end := strings.IndexByte(rest, 0)
		if end > 0 && f(rest[0], rest[1:end]) {
			rows.AddTo(set, number)
		}
		rest = rest[end+1:]
	}
	return set
}

// A textBuilder numbers the texts of a block and collects their rows.
type textBuilder struct {
	known [firstWord]map[string]run
	runs  []byte
	rows  postingBuilder
}

// A run is a text of a textBuilder.
type run struct{ number, from, to int32 } // offsets of the words in runs

func (t *textBuilder) reset() {
	for kind := range t.known {
		if t.known[kind] == nil {
			t.known[kind] = make(map[string]run)
		}
		clear(t.known[kind]) // releases the texts
	}
	t.runs = append(t.runs[:0], 0)
	t.rows.reset()
}

// AppendWord appends the number of a word to a run.
func AppendWord(run []byte, number int) []byte {
	return binary.AppendUvarint(run, uint64(firstWord+number))
}

// NextWord returns the number of the first word of a run, and the remaining run.
func NextWord(run string) (number int, rest string) {
	n, rest := cutNumber(run)
	return n - firstWord, rest
}
