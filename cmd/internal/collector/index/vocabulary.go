package index

import (
	"strings"
	"unicode/utf8"
)

// A vocabulary is the words of a block in the order of their numbers, with a
// zero byte before each and behind the last one.
type vocabulary string

// size returns how many words there are.
func (v vocabulary) Len() int { return max(0, strings.Count(string(v), "\x00")-1) }

// number returns the number of a word, -1 if it is not there.
func (v vocabulary) Number(word string) int {
	at := strings.Index(string(v), "\x00"+word+"\x00")
	if at < 0 {
		return -1
	}
	return strings.Count(string(v[:at]), "\x00")
}

// having calls f with the words that have a text in them. A zero byte at an end
// of the text stands for that end of a word. All words have the empty text.
func (v vocabulary) EachContaining(part string, f func(number int, word string)) {
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
		if size <= 0 { // behind the last word
			return
		}
		number += strings.Count(string(v[counted:start]), "\x00")
		counted = start
		f(number, string(v[start:start+size]))
		from = start + size
	}
}

// longWord is from how many bytes on a word may be the beginning of a longer
// one.
const LongWord = maxWordBytes - utf8.UTFMax

// long calls f with the words that may be beginnings.
func (v vocabulary) EachLong(f func(number int, word string)) {
	const window = LongWord / 2 // of which a long word fills one, wherever it begins
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

// A vocabularyBuilder numbers the words of a block, and notes which rows have
// them.
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

// number returns the number of a word, a new one if need be.
func (v *vocabularyBuilder) number(word []byte) int {
	n, known := v.numbers[string(word)]
	if !known {
		n = int32(v.rows.list())
		v.numbers[string(word)] = n
		v.words = append(append(v.words, word...), 0)
	}
	return int(n)
}
