package collector

import (
	"encoding/binary"
	"strings"
)

// matchFull is about there being a full_message.
type matchFull struct{}

func (matchFull) match(r *row) bool { return r.fullMessage != "" }

func (matchFull) find(b *block) (sure, maybe bitmap) {
	t, known := b.texts()
	if !known {
		return perhaps(b, allRows(b.n))
	}
	return surely(t.where(func(kind byte, _ string) bool { return kind == fullText }))
}

// matchText is about words in a row in a text.
type matchText struct {
	kind  byte // messageText or fullText
	words []string
}

// textKinds are the fields that are texts.
var textKinds = map[string]byte{"message": messageText, "full_message": fullText}

func (r *row) text(kind byte) string {
	if kind == messageText {
		return r.message
	}
	return r.fullMessage
}

func (m matchText) match(r *row) bool { return hasPhrase(r.text(m.kind), m.words) }

func (m matchText) find(b *block) (sure, maybe bitmap) { return findPhrase(b, m.kind, m.words) }

// findPhrase finds the rows that have words in a row in a text of a kind.
func findPhrase(b *block, kind byte, phrase []string) (sure, maybe bitmap) {
	switch {
	case len(phrase) == 0:
		return none(b)
	case len(phrase) == 1 && kind == anyText:
		return surely(wordRows(b, phrase[0]))
	}
	known := b.vocabulary()
	numbers := make([]int, len(phrase))
	var run []byte
	for i, w := range phrase {
		if numbers[i] = known.number(w); numbers[i] < 0 {
			return none(b)
		}
		run = binary.AppendUvarint(run, uint64(firstWord+numbers[i]))
	}
	if t, known := b.texts(); known {
		return surely(t.phrase(kind, string(run)))
	}
	set, rows := allRows(b.n), b.postings(wordRowsPart)
	for _, n := range numbers { // each of them somewhere
		one := newBitmap(b.n)
		rows.addTo(one, n)
		set.and(one)
	}
	return perhaps(b, set)
}

// wordRows returns the rows that have a word.
func wordRows(b *block, word string) bitmap {
	set := newBitmap(b.n)
	if n := b.vocabulary().number(word); n >= 0 {
		b.postings(wordRowsPart).addTo(set, n)
	}
	if strings.Trim(word, digits) == "" {
		if n := b.integers().number(word); n >= 0 {
			b.postings(intRowsPart).addTo(set, n)
		}
	}
	return set
}

const digits = "0123456789"

// matchTextLike is about a word of a text that matches a pattern.
type matchTextLike struct {
	kind byte // messageText or fullText
	like glob
}

func (m matchTextLike) match(r *row) bool { return hasTokenLike(r.text(m.kind), m.like) }

func (m matchTextLike) find(b *block) (sure, maybe bitmap) {
	t, known := b.texts()
	if !known {
		return perhaps(b, wordsLike(b, m.like))
	}
	words := b.vocabulary()
	like, any := newBitmap(words.size()), false
	words.having(m.like.needle(), func(number int, word string) {
		if m.like.matches(word) {
			like.set(number)
			any = true
		}
	})
	if !any {
		return none(b)
	}
	return surely(t.where(func(kind byte, run string) bool { return kind == m.kind && hasWordOf(run, like) }))
}

// hasWordOf reports whether one of some words is in a run.
func hasWordOf(run string, words bitmap) bool {
	for run != "" {
		var n int
		if n, run = cutNumber(run); words.may(n - firstWord) {
			return true
		}
	}
	return false
}

// wordsLike returns the rows that have a word which matches a pattern.
func wordsLike(b *block, like glob) bitmap {
	set := newBitmap(b.n)
	b.vocabulary().having(like.needle(), func(number int, word string) {
		if like.matches(word) {
			b.postings(wordRowsPart).addTo(set, number)
		}
	})
	if like.ofOnly(digits) {
		b.integers().having(like.needle(), func(number int, word string) {
			if like.matches(word) {
				b.postings(intRowsPart).addTo(set, number)
			}
		})
	}
	return set
}

// matchAny is about words in a row in any text of a record.
type matchAny struct{ words []string }

func (m matchAny) match(r *row) bool {
	if hasPhrase(r.message, m.words) || hasPhrase(r.fullMessage, m.words) {
		return true
	}
	found := false
	r.eachValue(func(name string, v value) bool {
		found = name != streamsColumn && hasPhrase(v.words(), m.words)
		return !found
	})
	return found
}

func (m matchAny) find(b *block) (sure, maybe bitmap) { return findPhrase(b, anyText, m.words) }

// matchAnyLike is about a word, or a value as a whole, that matches a pattern.
type matchAnyLike struct{ like glob }

func (m matchAnyLike) match(r *row) bool {
	if hasTokenLike(r.message, m.like) || hasTokenLike(r.fullMessage, m.like) {
		return true
	}
	found := false
	r.eachValue(func(name string, v value) bool {
		text := v.words()
		found = name != streamsColumn && v.kind != 'f' && (hasTokenLike(text, m.like) || m.like.matches(fold(text)))
		return !found
	})
	return found
}

func (m matchAnyLike) find(b *block) (sure, maybe bitmap) {
	sure = wordsLike(b, m.like)
	// A value that matches as a whole has the pattern's words, which are parts
	// of words where they stand beside a wildcard.
	parts := m.like.fragments()
	maybe = allRows(b.n)
	for _, part := range parts {
		maybe.and(part.rows(b))
	}
	if t, known := b.texts(); known {
		if !maybe.without(sure).empty() {
			words := make([]bitmap, len(parts))
			for i, part := range parts {
				words[i] = part.words(b)
			}
			maybe.and(t.where(func(kind byte, run string) bool { return kind != fullText && m.like.inOrder(run, words) }))
		}
		maybe.or(m.negative(b, parts))
	}
	maybe.or(sure)
	return sure, maybe
}

// negative returns the rows that may have an integer which matches with its sign:
// its word has none.
func (m matchAnyLike) negative(b *block, parts []fragment) bitmap {
	set := newBitmap(b.n)
	if first := m.like[0]; first.kind == 0 && first.r != '-' || !m.like.ofOnly("-"+digits) {
		return set
	}
	needle := ""
	if len(parts) > 0 {
		needle = parts[0].needle()
	}
	b.integers().having(needle, func(number int, word string) {
		if m.like.matches("-" + word) {
			b.postings(intRowsPart).addTo(set, number)
		}
	})
	return set
}

// inOrder reports whether a run has a word of each of some sets, in their order.
// One word may be of several.
func (g glob) inOrder(run string, sets []bitmap) bool {
	word := func(p globPart) bool { return p.kind == 0 && isWordRune(p.r) }
	next := 0
	first, last := true, len(sets) == 0 // the word is the first, it is of the last set
	for run != "" {
		var n int
		n, run = cutNumber(run)
		if first && word(g[0]) && !sets[0].may(n-firstWord) {
			return false
		}
		first = false
		for next < len(sets) && sets[next].may(n-firstWord) {
			next++
		}
		last = len(sets) == 0 || sets[len(sets)-1].may(n-firstWord)
	}
	return next == len(sets) && (last || !word(g[len(g)-1]))
}

// words returns the words that have the fragment.
func (f fragment) words(b *block) bitmap {
	words := b.vocabulary()
	set := newBitmap(words.size())
	add := func(number int, word string) {
		if f.in(word) {
			set.set(number)
		}
	}
	words.having(f.needle(), add)
	words.long(add)
	return set
}

// rows returns the rows that have such a word.
func (f fragment) rows(b *block) bitmap {
	set := newBitmap(b.n)
	f.words(b).each(func(number int) { b.postings(wordRowsPart).addTo(set, number) })
	return set
}
