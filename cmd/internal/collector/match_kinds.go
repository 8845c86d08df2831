package collector

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
