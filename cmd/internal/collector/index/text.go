package index

import (
	"encoding/binary"
	"strings"
)

// The kinds of texts that words are looked for in.
const (
	TextAny     = iota
	TextMessage // also stands for the values that are the same as the message
	TextFull    // a full_message
	textValue   // the value of a field that is a text
	firstWord   // what follows are words
)

// texts are the distinct texts of a block as the words that they are of, so that
// words in a row are found without the records, and rows that have the words in
// another order or in several texts are told from those that match.
//
// A text is its kind and the numbers of its words, from firstWord on, as
// varints. A zero byte is before each text and behind the last one: it is in no
// such varint.
//
// Blocks of a store that was written before there were such texts have none.
type texts struct {
	runs string
	rows func() postings // by the number of the text
}

// phrase returns the rows that have words, given as a run, in a text of a kind.
func (t texts) Phrase(kind byte, run string) Bitmap {
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
		if t.runs[at-1] >= 0x80 { // within a varint
			continue
		}
		start := strings.LastIndexByte(t.runs[:at], 0) + 1
		from = at + strings.IndexByte(t.runs[at:], 0) // one place in a text will do
		if kind != TextAny && t.runs[start] != kind {
			continue
		}
		number += strings.Count(t.runs[counted:start], "\x00")
		counted = start
		rows.AddTo(set, number)
	}
}

// where returns the rows that have a text as f says, of its kind and the run of
// its words.
func (t texts) Where(f func(kind byte, run string) bool) Bitmap {
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

// A textBuilder numbers the texts of a block, and notes which rows have them.
type textBuilder struct {
	known [firstWord]map[string]run
	runs  []byte
	rows  postingBuilder
}

// A run is a text of a textBuilder.
type run struct{ number, from, to int32 } // of its words in runs

func (t *textBuilder) reset() {
	for kind := range t.known {
		if t.known[kind] == nil {
			t.known[kind] = make(map[string]run)
		}
		clear(t.known[kind]) // lets go of the texts
	}
	t.runs = append(t.runs[:0], 0)
	t.rows.reset()
}

// appendWord appends a word to a run by its number.
func AppendWord(run []byte, number int) []byte {
	return binary.AppendUvarint(run, uint64(firstWord+number))
}

// nextWord returns the number of the first word of a run, and the rest of the run.
func NextWord(run string) (number int, rest string) {
	n, rest := cutNumber(run)
	return n - firstWord, rest
}
