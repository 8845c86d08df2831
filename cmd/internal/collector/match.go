package collector

import (
	"errors"
	"fmt"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
)

// A matcher is a compiled query: the one definition of what matches, for
// searches, counts, charts, exports and the live tail. It may be used by several
// goroutines.
type matcher interface {
	// match decides on one record.
	match(r *row) bool
	// find decides on the records of a block as far as the block tells: all
	// of sure match, and no other than those of maybe do. The sets are the
	// caller's to change.
	find(b *block) (sure, maybe bitmap)
}

// compileText makes a matcher of a query. An error is a [*query.Error].
func compileText(text string, streams streamLookup) (matcher, error) {
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

// A streamLookup returns the bit of a stream in a streamSet by its name.
type streamLookup func(name string) (int, error)

// A compiler makes matchers of expressions.
type compiler struct{ streams streamLookup }

// compile makes a matcher. An error is a [*query.Error] about a value that makes
// no sense for its field.
func (c compiler) compile(x query.Expr) (matcher, error) {
	switch x := x.(type) {
	case query.All:
		return matchAll{}, nil
	case query.And:
		parts, err := c.all(x)
		return matchAnd(parts), err
	case query.Or:
		parts, err := c.all(x)
		return matchOr(parts), err
	case query.Not:
		part, err := c.compile(x.X)
		return matchNot{part}, err
	case query.Exists:
		return compileExists(x), nil
	case query.Range:
		return compileRange(x)
	case query.Term:
		return c.term(x)
	}
	return nil, fmt.Errorf("an expression of type %T is not known", x)
}

func (c compiler) all(all []query.Expr) ([]matcher, error) {
	parts := make([]matcher, len(all))
	for i, x := range all {
		var err error
		if parts[i], err = c.compile(x); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

func compileExists(x query.Exists) matcher {
	switch x.Field {
	case "timestamp", "message", "streams":
		return matchAll{}
	case "full_message":
		return matchFull{}
	}
	return matchField{x.Field, func(value) bool { return true }}
}

func (c compiler) term(x query.Term) (matcher, error) {
	wild := newGlob(x.Text, x.Pattern)
	switch x.Field {
	case "":
		if x.Pattern != nil {
			return matchAnyLike{wild.lower()}, nil
		}
		return matchAny{tokensOf(x.Text)}, nil
	case "message", "full_message":
		if x.Pattern != nil {
			return matchTextLike{textKinds[x.Field], wild.lower()}, nil
		}
		return matchText{textKinds[x.Field], tokensOf(x.Text)}, nil
	case "timestamp":
		from, to, err := parseTime(x.Text)
		return matchTime{from, to}, valueError(x.Pos, err)
	case "level":
		if n, err := severity(x.Text); err == nil {
			return matchField{x.Field, func(v value) bool { return v.kind == 'i' && v.i == int64(n) }}, nil
		}
	case "streams":
		i, err := c.streams(x.Text)
		return matchStream(i), valueError(x.Pos, err)
	case "source":
		if x.Pattern != nil {
			wild = wild.lower()
			return matchField{x.Field, func(v value) bool { return wild.matches(fold(v.text())) }}, nil
		}
		folded := fold(x.Text)
		return matchField{x.Field, func(v value) bool { return fold(v.text()) == folded }}, nil
	}
	if x.Pattern != nil {
		return matchField{x.Field, func(v value) bool { return wild.matches(v.text()) }}, nil
	}
	same := newLimit(query.Bound{Text: x.Text, Inclusive: true})
	return matchField{x.Field, func(v value) bool {
		if v.kind == 's' {
			return v.s == x.Text
		}
		order, ok := same.order(v)
		return ok && order == 0
	}}, nil
}

// valueError says where in a query a value makes no sense.
func valueError(pos int, err error) error {
	if err == nil {
		return nil
	}
	return &query.Error{Pos: pos, Msg: err.Error(), Err: err}
}
