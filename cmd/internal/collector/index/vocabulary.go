package index

import (
	"strings"
	"unicode/utf8"
)

// A Vocabulary has the words of a block in the order of their numbers. A zero byte
// precedes each word and follows the last one.
type Vocabulary string

// Len returns the number of words.
func (v Vocabulary) Len() int { return max(0, strings.Count(string(v), "\x00")-1) }

// Number returns the number of a word, -1 if the vocabulary does not contain it.
func (v Vocabulary) Number(word string) int {
	at := strings.Index(string(v), "\x00"+word+"\x00")
	if at < 0 {
		return -1
	}
	return strings.Count(string(v[:at]), "\x00")
}

// EachContaining calls f with the words that contain part. A zero byte at the start or
// end of part matches the start or end of a word. All words contain the empty text.
func (v Vocabulary) EachContaining(part string, f func(number int, word string)) {
	if part == "" {
		part = "\x00"
	}
	number, counted := -1, 0
	for from := 0; ; {
		at := strings.Index(string(v[from:]), part)
		if at < 0 {
			return
		}
		start := from + at + 1
		if part[0] != 0 {
			start = strings.LastIndexByte(string(v[:from+at]), 0) + 1
		}
		size := strings.IndexByte(string(v[start:]), 0)
		if size <= 0 { // after the last word
			return
		}
		number += strings.Count(string(v[counted:start]), "\x00")
		counted = start
		f(number, string(v[start:start+size]))
		from = start + size
	}
}

// LongWord is the length in bytes from which a word may be truncated.
const LongWord = maxWordBytes - utf8.UTFMax

// EachLong calls f with the words that may be truncated.
func (v Vocabulary) EachLong(f func(number int, word string)) {
	const window = LongWord / 2 // a long word fills at least one window
	for at := 0; at+window <= len(v); at += window {
		if strings.IndexByte(string(v[at:at+window]), 0) >= 0 {
			continue
		}
		start := strings.LastIndexByte(string(v[:at]), 0) + 1
		size := strings.IndexByte(string(v[start:]), 0)
		if size >= LongWord {
			f(strings.Count(string(v[:start]), "\x00")-1, string(v[start:start+size]))
		}
		at = start + max(size, window)
	}
}

// A vocabularyBuilder numbers the words of a block and collects their rows.
type vocabularyBuilder struct {
	numbers map[string]int32
	words   []byte
	rows    postingBuilder
}

func (v *vocabularyBuilder) reset() {
	if v.numbers == nil {
		v.numbers = make(map[string]int32)
	}
	clear(v.numbers)
	v.words = append(v.words[:0], 0)
	v.rows.reset()
}

// number returns the number of a word, which it adds if it is new.
func (v *vocabularyBuilder) number(word []byte) int {
	n, known := v.numbers[string(word)]
	if !known {
		n = int32(v.rows.list())
		v.numbers[string(word)] = n
		v.words = append(append(v.words, word...), 0)
	}
	return int(n)
}
