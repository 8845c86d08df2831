package match

import "github.com/aimakerspace/synlogger/cmd/internal/collector/index"

// noRows returns two empty sets.
func noRows(b *index.Block) (sure, maybe index.Bitmap) {
	return index.NewBitmap(b.Rows), index.NewBitmap(b.Rows)
}

// unsure returns rows of which none is certain.
func unsure(b *index.Block, maybe index.Bitmap) (index.Bitmap, index.Bitmap) {
	return index.NewBitmap(b.Rows), maybe
}

// certain returns rows that all match for certain.
func certain(set index.Bitmap) (sure, maybe index.Bitmap) {
	return set, append(index.Bitmap(nil), set...)
}

// All matches every record.
type All struct{}

func (All) Match(*index.Row) bool                          { return true }
func (All) Find(b *index.Block) (sure, maybe index.Bitmap) { return certain(index.AllRows(b.Rows)) }

// And matches if all parts match.
type And []Matcher

func (m And) Match(r *index.Row) bool {
	for _, part := range m {
		if !part.Match(r) {
			return false
		}
	}
	return true
}

func (m And) Find(b *index.Block) (sure, maybe index.Bitmap) {
	sure, maybe = All{}.Find(b)
	for _, part := range m {
		s, p := part.Find(b)
		sure.And(s)
		maybe.And(p)
		if maybe.IsEmpty() {
			break
		}
	}
	return sure, maybe
}

// or matches if one part matches.
type or []Matcher

func (m or) Match(r *index.Row) bool {
	for _, part := range m {
		if part.Match(r) {
			return true
		}
	}
	return false
}

func (m or) Find(b *index.Block) (sure, maybe index.Bitmap) {
	sure, maybe = noRows(b)
	for _, part := range m {
		s, p := part.Find(b)
		sure.Or(s)
		maybe.Or(p)
	}
	return sure, maybe
}

// not matches if another matcher does not.
type not struct{ of Matcher }

func (m not) Match(r *index.Row) bool { return !m.of.Match(r) }

func (m not) Find(b *index.Block) (sure, maybe index.Bitmap) {
	s, p := m.of.Find(b)
	all := index.AllRows(b.Rows)
	return all.Without(p), all.Without(s)
}

// A fieldMatcher matches the value of a field.
type fieldMatcher struct {
	name string
	is   func(index.Value) bool
}

func (m fieldMatcher) Match(r *index.Row) bool {
	v, ok := r.Field(m.name)
	return ok && m.is(v)
}

func (m fieldMatcher) Find(b *index.Block) (sure, maybe index.Bitmap) {
	c := b.Column(m.name)
	switch {
	case c == nil && b.Overflow():
		return unsure(b, index.AllRows(b.Rows))
	case c == nil:
		return noRows(b)
	case c.Wide:
		return unsure(b, c.Present())
	}
	return certain(c.Where(m.is))
}

// A Stream matches the records of a stream, given by its bit in a [index.StreamSet].
type Stream int

func (m Stream) Match(r *index.Row) bool { return r.Streams.Has(int(m)) }

func (m Stream) Find(b *index.Block) (sure, maybe index.Bitmap) {
	c := b.Column(index.StreamsColumn)
	if c == nil {
		return noRows(b)
	}
	return certain(c.Where(func(v index.Value) bool { return index.StreamSet(v.Int).Has(int(m)) }))
}

// A timeMatcher matches timestamps from a time up to another, which is not included.
type timeMatcher struct{ from, to int64 }

func (m timeMatcher) Match(r *index.Row) bool { return m.from <= r.Timestamp && r.Timestamp < m.to }

func (m timeMatcher) Find(b *index.Block) (sure, maybe index.Bitmap) {
	set, times := index.NewBitmap(b.Rows), b.Times()
	for i := range b.Rows {
		if t := times.At(i); m.from <= t && t < m.to {
			set.Set(i)
		}
	}
	return certain(set)
}

// InTime matches timestamps from a time up to another, which is not included. Times
// are in milliseconds.
func InTime(from, to int64) Matcher { return timeMatcher{from, to} }

// AtLeast matches levels at least as severe as the given one.
func AtLeast(level int) Matcher {
	return fieldMatcher{
		"level",
		func(v index.Value) bool { return v.Kind == index.KindInteger && 0 <= v.Int && v.Int <= int64(level) },
	}
}

// SameField matches records that have the same value of a field as a row. If the row
// lacks the field, it matches records that lack it, too.
func SameField(r *index.Row, name string) Matcher {
	v, ok := r.Field(name)
	if !ok {
		return not{fieldMatcher{name, func(index.Value) bool { return true }}}
	}
	return fieldMatcher{name, func(other index.Value) bool { return other == v }}
}
