// Package match compiles queries into matchers, which decide on single records and
// on whole blocks of package index.
package match

import (
	"errors"
	"fmt"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
)

// A Matcher is a compiled query. Searches, counts, charts, exports and the live tail
// all use it. It is safe for concurrent use.
type Matcher interface {
	// Match reports whether a record matches.
	Match(r *index.Row) bool
	// Find returns the rows of a block that match for certain, and the rows that may
	// match, which include the certain ones. The caller may change both sets.
	Find(b *index.Block) (sure, maybe index.Bitmap)
}

// Compile compiles the text of a query. The error is a [*query.Error].
func Compile(text string, streams StreamLookup) (Matcher, error) {
	x, err := query.Parse(text)
	if err != nil {
		return nil, err
	}
	m, err := compiler{streams}.compile(x)
	if at := (*query.Error)(nil); errors.As(err, &at) {
		at.Query = text
	}
	return m, err
}

// A StreamLookup returns the bit of a stream in a [index.StreamSet], given the
// stream's name.
type StreamLookup func(name string) (int, error)

// A compiler turns expressions into matchers.
type compiler struct{ streams StreamLookup }

// compile returns the matcher of an expression. The error is a [*query.Error] about a
// value that does not suit its field.
func (c compiler) compile(x query.Expr) (Matcher, error) {
	switch x := x.(type) {
	case query.All:
		return All{}, nil
	case query.And:
		parts, err := c.all(x)
		return And(parts), err
	case query.Or:
		parts, err := c.all(x)
		return or(parts), err
	case query.Not:
		part, err := c.compile(x.X)
		return not{part}, err
	case query.Exists:
		return compileExists(x), nil
	case query.Range:
		return compileRange(x)
	case query.Term:
		return c.term(x)
	}
	return nil, fmt.Errorf("unknown expression of type %T", x)
}

func (c compiler) all(all []query.Expr) ([]Matcher, error) {
	parts := make([]Matcher, len(all))
	for i, x := range all {
		var err error
		if parts[i], err = c.compile(x); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func compileExists(x query.Exists) Matcher {
	switch x.Field {
	case "timestamp", "message", "streams":
		return All{}
	case "full_message":
		return hasFullMessage{}
	}
	return fieldMatcher{x.Field, func(index.Value) bool { return true }}
}

func (c compiler) term(x query.Term) (Matcher, error) {
	wild := newPattern(x.Text, x.Pattern)
	switch x.Field {
	case "":
		if x.Pattern != nil {
			return anyPatternMatcher{wild.lower()}, nil
		}
		return anyMatcher{index.Words(x.Text)}, nil
	case "message", "full_message":
		if x.Pattern != nil {
			return textPatternMatcher{textKinds[x.Field], wild.lower()}, nil
		}
		return textMatcher{textKinds[x.Field], index.Words(x.Text)}, nil
	case "timestamp":
		from, to, err := ParseTime(x.Text)
		return timeMatcher{from, to}, valueError(x.Pos, err)
	case "level":
		if n, err := index.ParseLevel(x.Text); err == nil {
			return fieldMatcher{
					x.Field,
					func(v index.Value) bool { return v.Kind == index.KindInteger && v.Int == int64(n) },
				},
				nil
		}
	case "streams":
		i, err := c.streams(x.Text)
		return Stream(i), valueError(x.Pos, err)
	case "source":
		if x.Pattern != nil {
			wild = wild.lower()
			return fieldMatcher{x.Field, func(v index.Value) bool { return wild.matches(index.Fold(v.Text())) }}, nil
		}
		folded := index.Fold(x.Text)
		return fieldMatcher{x.Field, func(v index.Value) bool { return index.Fold(v.Text()) == folded }}, nil
	}
	if x.Pattern != nil {
		return fieldMatcher{x.Field, func(v index.Value) bool { return wild.matches(v.Text()) }}, nil
	}
	same := newRangeBound(query.Bound{Text: x.Text, Inclusive: true})
	return fieldMatcher{x.Field, func(v index.Value) bool {
		if v.Kind == index.KindText {
			return v.Str == x.Text
		}
		order, ok := same.order(v)
		return ok && order == 0
	}}, nil
}

// valueError adds the position of a value in the query to an error.
func valueError(pos int, err error) error {
	if err == nil {
		return nil
	}
	return &query.Error{Pos: pos, Msg: err.Error(), Err: err}
}
