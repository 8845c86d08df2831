package match

import (
	"strings"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// hasFullMessage matches records with a full_message.
type hasFullMessage struct{}

func (hasFullMessage) Match(r *index.Row) bool { return r.FullMessage != "" }

func (hasFullMessage) Find(b *index.Block) (sure, maybe index.Bitmap) {
	t, known := b.Texts()
	if !known {
		return unsure(b, index.AllRows(b.Rows))
	}
	return certain(t.Where(func(kind byte, _ string) bool { return kind == index.TextFull }))
}

// A textMatcher matches consecutive words in a text.
type textMatcher struct {
	kind  byte // TextMessage or TextFull
	words []string
}

// textKinds are the fields that are indexed as texts.
var textKinds = map[string]byte{"message": index.TextMessage, "full_message": index.TextFull}

func (m textMatcher) Match(r *index.Row) bool { return hasPhrase(r.Text(m.kind), m.words) }

func (m textMatcher) Find(b *index.Block) (sure, maybe index.Bitmap) {
	return findPhrase(b, m.kind, m.words)
}

// findPhrase finds the rows with consecutive words in a text of a kind.
func findPhrase(b *index.Block, kind byte, phrase []string) (sure, maybe index.Bitmap) {
	switch {
	case len(phrase) == 0:
		return noRows(b)
	case len(phrase) == 1 && kind == index.TextAny:
		return certain(wordRows(b, phrase[0]))
	}
	known := b.Vocabulary()
	numbers := make([]int, len(phrase))
	var run []byte
	for i, w := range phrase {
		if numbers[i] = known.Number(w); numbers[i] < 0 {
			return noRows(b)
		}
		run = index.AppendWord(run, numbers[i])
	}
	if t, known := b.Texts(); known {
		return certain(t.Phrase(kind, string(run)))
	}
	set, rows := index.AllRows(b.Rows), b.Postings(index.PartWordRows)
	for _, n := range numbers { // each word occurs somewhere
		one := index.NewBitmap(b.Rows)
		rows.AddTo(one, n)
		set.And(one)
	}
	return unsure(b, set)
}

// wordRows returns the rows that have a word.
func wordRows(b *index.Block, word string) index.Bitmap {
	set := index.NewBitmap(b.Rows)
	if n := b.Vocabulary().Number(word); n >= 0 {
		b.Postings(index.PartWordRows).AddTo(set, n)
	}
	if strings.Trim(word, digits) == "" {
		if n := b.Integers().Number(word); n >= 0 {
			b.Postings(index.PartIntegerRows).AddTo(set, n)
		}
	}
	return set
}

const digits = "0123456789"

// A textPatternMatcher matches a word of a text by a pattern.
type textPatternMatcher struct {
	kind byte // TextMessage or TextFull
	like pattern
}

func (m textPatternMatcher) Match(r *index.Row) bool { return hasWordLike(r.Text(m.kind), m.like) }

func (m textPatternMatcher) Find(b *index.Block) (sure, maybe index.Bitmap) {
	t, known := b.Texts()
	if !known {
		return unsure(b, wordsLike(b, m.like))
	}
	words := b.Vocabulary()
	like, any := index.NewBitmap(words.Len()), false
	words.EachContaining(m.like.needle(), func(number int, word string) {
		if m.like.matches(word) {
			like.Set(number)
			any = true
		}
	})
	if !any {
		return noRows(b)
	}
	return certain(t.Where(func(kind byte, run string) bool { return kind == m.kind && hasWordOf(run, like) }))
}

// hasWordOf reports whether a run contains one of the words.
func hasWordOf(run string, words index.Bitmap) bool {
	for run != "" {
		var n int
		if n, run = index.NextWord(run); words.Contains(n) {
			return true
		}
	}
	return false
}

// wordsLike returns the rows with a word that matches a pattern.
func wordsLike(b *index.Block, like pattern) index.Bitmap {
	set := index.NewBitmap(b.Rows)
	b.Vocabulary().EachContaining(like.needle(), func(number int, word string) {
		if like.matches(word) {
			b.Postings(index.PartWordRows).AddTo(set, number)
		}
	})
	if like.ofOnly(digits) {
		b.Integers().EachContaining(like.needle(), func(number int, word string) {
			if like.matches(word) {
				b.Postings(index.PartIntegerRows).AddTo(set, number)
			}
		})
	}
	return set
}

// An anyMatcher matches consecutive words in any text of a record.
type anyMatcher struct{ words []string }

func (m anyMatcher) Match(r *index.Row) bool {
	if hasPhrase(r.Message, m.words) || hasPhrase(r.FullMessage, m.words) {
		return true
	}
	found := false
	r.EachField(func(name string, v index.Value) bool {
		found = name != index.StreamsColumn && hasPhrase(v.SearchText(), m.words)
		return !found
	})
	return found
}

func (m anyMatcher) Find(b *index.Block) (sure, maybe index.Bitmap) {
	return findPhrase(b, index.TextAny, m.words)
}

// An anyPatternMatcher matches a word, or a whole value, by a pattern.
type anyPatternMatcher struct{ like pattern }

func (m anyPatternMatcher) Match(r *index.Row) bool {
	if hasWordLike(r.Message, m.like) || hasWordLike(r.FullMessage, m.like) {
		return true
	}
	found := false
	r.EachField(func(name string, v index.Value) bool {
		text := v.SearchText()
		found = name != index.StreamsColumn && v.Kind != index.KindFloat &&
			(hasWordLike(text, m.like) || m.like.matches(index.Fold(text)))
		return !found
	})
	return found
}

func (m anyPatternMatcher) Find(b *index.Block) (sure, maybe index.Bitmap) {
	sure = wordsLike(b, m.like)
	// A value that matches as a whole contains the words of the pattern. Beside a
	// wildcard, they are parts of words.
	parts := m.like.fragments()
	maybe = index.AllRows(b.Rows)
	for _, part := range parts {
		maybe.And(part.rows(b))
	}
	if t, known := b.Texts(); known {
		if !maybe.Without(sure).IsEmpty() {
			words := make([]index.Bitmap, len(parts))
			for i, part := range parts {
				words[i] = part.words(b)
			}
			maybe.And(t.Where(func(kind byte, run string) bool {
				return kind != index.TextFull && m.like.inOrder(
					run,
					words,
				)
			}))
		}
		maybe.Or(m.negative(b, parts))
	}
	maybe.Or(sure)
	return sure, maybe
}

// negative returns the rows that may have a negative integer which matches. The word
// of an integer does not include the sign.
func (m anyPatternMatcher) negative(b *index.Block, parts []fragment) index.Bitmap {
	set := index.NewBitmap(b.Rows)
	if first := m.like[0]; first.kind == 0 && first.r != '-' || !m.like.ofOnly("-"+digits) {
		return set
	}
	needle := ""
	if len(parts) > 0 {
		needle = parts[0].needle()
	}
	b.Integers().EachContaining(needle, func(number int, word string) {
		if m.like.matches("-" + word) {
			b.Postings(index.PartIntegerRows).AddTo(set, number)
		}
	})
	return set
}

// inOrder reports whether a run has a word of each set, in the order of the sets. One
// word may belong to several sets.
func (p pattern) inOrder(run string, sets []index.Bitmap) bool {
	word := func(part patternPart) bool { return part.kind == 0 && index.IsWordRune(part.r) }
	next := 0
	first, last := true, len(sets) == 0 // the word is the first of the run; the word belongs to the last set
	for run != "" {
		var n int
		n, run = index.NextWord(run)
		if first && word(p[0]) && !sets[0].Contains(n) {
			return false
		}
		first = false
		for next < len(sets) && sets[next].Contains(n) {
			next++
		}
		last = len(sets) == 0 || sets[len(sets)-1].Contains(n)
	}
	return next == len(sets) && (last || !word(p[len(p)-1]))
}

// words returns the numbers of the words that contain the fragment.
func (f fragment) words(b *index.Block) index.Bitmap {
	words := b.Vocabulary()
	set := index.NewBitmap(words.Len())
	add := func(number int, word string) {
		if f.in(word) {
			set.Set(number)
		}
	}
	words.EachContaining(f.needle(), add)
	words.EachLong(add)
	return set
}

// rows returns the rows that have such a word.
func (f fragment) rows(b *index.Block) index.Bitmap {
	set := index.NewBitmap(b.Rows)
	f.words(b).Each(func(number int) { b.Postings(index.PartWordRows).AddTo(set, number) })
	return set
}
