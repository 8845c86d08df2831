package collector

import "strings"

// The kinds of matchers. For a block, what a column or a word tells is sure
// wherever it can be.

func none(b *block) (sure, maybe bitmap) { return newBitmap(b.n), newBitmap(b.n) }

// perhaps returns rows of which nothing is sure.
func perhaps(b *block, maybe bitmap) (bitmap, bitmap) { return newBitmap(b.n), maybe }

func surely(set bitmap) (sure, maybe bitmap) { return set, append(bitmap(nil), set...) }

type matchAll struct{}

func (matchAll) match(*row) bool                    { return true }
func (matchAll) find(b *block) (sure, maybe bitmap) { return surely(allRows(b.n)) }

type matchAnd []matcher

func (m matchAnd) match(r *row) bool {
	for _, part := range m {
		if !part.match(r) {
			return false
		}
	}
	return true
}

func (m matchAnd) find(b *block) (sure, maybe bitmap) {
	sure, maybe = matchAll{}.find(b)
	for _, part := range m {
		s, p := part.find(b)
		sure.and(s)
		maybe.and(p)
		if maybe.empty() {
			break
		}
	}
	return sure, maybe
}

type matchOr []matcher

func (m matchOr) match(r *row) bool {
	for _, part := range m {
		if part.match(r) {
			return true
		}
	}
	return false
}

func (m matchOr) find(b *block) (sure, maybe bitmap) {
	sure, maybe = none(b)
	for _, part := range m {
		s, p := part.find(b)
		sure.or(s)
		maybe.or(p)
	}
	return sure, maybe
}

type matchNot struct{ of matcher }

func (m matchNot) match(r *row) bool { return !m.of.match(r) }

func (m matchNot) find(b *block) (sure, maybe bitmap) {
	s, p := m.of.find(b)
	all := allRows(b.n)
	return all.without(p), all.without(s)
}

// matchField is about the value of a field as a whole.
type matchField struct {
	name string
	is   func(value) bool
}

func (m matchField) match(r *row) bool {
	v, ok := r.field(m.name)
	return ok && m.is(v)
}

func (m matchField) find(b *block) (sure, maybe bitmap) {
	c := b.column(m.name)
	switch {
	case c == nil && b.overflow():
		return perhaps(b, allRows(b.n))
	case c == nil:
		return none(b)
	case c.wide:
		return perhaps(b, c.present())
	}
	return surely(c.where(m.is))
}

// matchStream is about the stream of a place in streams.
type matchStream int

func (m matchStream) match(r *row) bool { return r.streams.has(int(m)) }

func (m matchStream) find(b *block) (sure, maybe bitmap) {
	c := b.column(streamsColumn)
	if c == nil {
		return none(b)
	}
	return surely(c.where(func(v value) bool { return streamSet(v.i).has(int(m)) }))
}

// matchTime is about the timestamp: from it is, and before to.
type matchTime struct{ from, to int64 }

func (m matchTime) match(r *row) bool { return m.from <= r.timestamp && r.timestamp < m.to }

func (m matchTime) find(b *block) (sure, maybe bitmap) {
	set, times := newBitmap(b.n), b.times()
	for i := range b.n {
		if t := times.at(i); m.from <= t && t < m.to {
			set.set(i)
		}
	}
	return surely(set)
}

// matchFull is about there being a full_message.
type matchFull struct{}

func (matchFull) match(r *row) bool                  { return r.fullMessage != "" }
func (matchFull) find(b *block) (sure, maybe bitmap) { return perhaps(b, allRows(b.n)) }

// matchText is about words in a row in a text.
type matchText struct {
	name  string
	words []string
}

func textOf(r *row, name string) string {
	if name == "message" {
		return r.message
	}
	return r.fullMessage
}

func (m matchText) match(r *row) bool { return hasPhrase(textOf(r, m.name), m.words) }

func (m matchText) find(b *block) (sure, maybe bitmap) {
	return perhaps(b, phraseRows(b, m.words))
}

// phraseRows returns the rows that have all of the words somewhere.
func phraseRows(b *block, phrase []string) bitmap {
	if len(phrase) == 0 {
		return newBitmap(b.n)
	}
	known := b.words()
	set := known.of(phrase[0])
	for _, w := range phrase[1:] {
		if set.empty() {
			break
		}
		set.and(known.of(w))
	}
	return set
}

// matchTextLike is about a word of a text that matches a pattern.
type matchTextLike struct {
	name string
	like glob
}

func (m matchTextLike) match(r *row) bool { return hasTokenLike(textOf(r, m.name), m.like) }

func (m matchTextLike) find(b *block) (sure, maybe bitmap) {
	return perhaps(b, b.words().like(m.like.prefix(), m.like.matches))
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

func (m matchAny) find(b *block) (sure, maybe bitmap) {
	set := phraseRows(b, m.words)
	if len(m.words) == 1 {
		return surely(set)
	}
	return perhaps(b, set)
}

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
	known := b.words()
	sure = known.like(m.like.prefix(), m.like.matches)
	// A value that matches as a whole has the pattern's words, which are parts
	// of words where they stand beside a wildcard.
	maybe = allRows(b.n)
	for _, part := range m.like.fragments() {
		prefix := ""
		if part.left {
			prefix = part.text
		}
		maybe.and(known.like(prefix, part.in))
	}
	maybe.or(sure)
	return sure, maybe
}

// A fragment is a word of a pattern. On a side that is open it may be part of a
// longer word.
type fragment struct {
	text        string
	left, right bool // it begins there, it ends there
}

func (f fragment) in(token string) bool {
	switch {
	case len(token) >= maxToken-4: // may be cut off
		return true
	case f.left && f.right:
		return token == f.text
	case f.left:
		return strings.HasPrefix(token, f.text)
	case f.right:
		return strings.HasSuffix(token, f.text)
	}
	return strings.Contains(token, f.text)
}

// fragments returns the words of a pattern for values as a whole.
func (g glob) fragments() []fragment {
	var all []fragment
	var word strings.Builder
	left := true
	end := func(right, next bool) {
		if word.Len() > 0 {
			all = append(all, fragment{word.String(), left, right})
			word.Reset()
		}
		left = next
	}
	for _, p := range g {
		switch {
		case p.kind != 0:
			end(false, false)
		case isWordRune(p.r):
			word.WriteRune(p.r)
		default:
			end(true, true)
		}
	}
	end(true, true)
	return all
}
