package collector

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

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
func compileText(text string) (matcher, error) {
	x, err := query.Parse(text)
	if err != nil {
		return nil, err
	}
	m, err := compile(x)
	if at := (*query.Error)(nil); errors.As(err, &at) {
		at.Query = text
	}
	return m, err
}

// compile makes a matcher. An error is a [*query.Error] about a value that makes
// no sense for its field.
func compile(x query.Expr) (matcher, error) {
	switch x := x.(type) {
	case query.All:
		return matchAll{}, nil
	case query.And:
		parts, err := compileAll(x)
		return matchAnd(parts), err
	case query.Or:
		parts, err := compileAll(x)
		return matchOr(parts), err
	case query.Not:
		part, err := compile(x.X)
		return matchNot{part}, err
	case query.Exists:
		return compileExists(x), nil
	case query.Range:
		return compileRange(x)
	case query.Term:
		return compileTerm(x)
	}
	return nil, fmt.Errorf("an expression of type %T is not known", x)
}

func compileAll(all []query.Expr) ([]matcher, error) {
	parts := make([]matcher, len(all))
	for i, x := range all {
		var err error
		if parts[i], err = compile(x); err != nil {
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

func compileTerm(x query.Term) (matcher, error) {
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
		i, err := streamIndex(x.Text)
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

func compileRange(x query.Range) (matcher, error) {
	switch x.Field {
	case "timestamp":
		return compileTimes(x)
	case "message", "full_message", "streams":
		return nil, &query.Error{Pos: x.Pos, Msg: x.Field + " has no order: a range is for numbers, times and fields that are one word"}
	case "level":
		for _, b := range []*query.Bound{&x.Min, &x.Max} {
			if n, err := severity(b.Text); err == nil {
				b.Text = strconv.Itoa(n)
			}
		}
	}
	lo, hi := newLimit(x.Min), newLimit(x.Max)
	return matchField{x.Field, func(v value) bool { return lo.below(v, 1) && hi.below(v, -1) }}, nil
}

// A limit is one bound of a range.
type limit struct {
	query.Bound
	number         float64
	integer        int64 // a float is not exact beyond 2^53, where times in nanoseconds are
	numeric, whole bool
}

func newLimit(b query.Bound) limit {
	l := limit{Bound: b}
	var err error
	l.number, err = strconv.ParseFloat(b.Text, 64)
	l.numeric = err == nil
	l.integer, err = strconv.ParseInt(b.Text, 10, 64)
	l.whole = err == nil
	return l
}

// below reports whether a value is on the right side of a limit: above it if
// side is 1, below it if side is -1.
func (l limit) below(v value, side int) bool {
	if l.Text == "" {
		return true
	}
	order, ok := l.order(v)
	return ok && (order == side || order == 0 && l.Inclusive)
}

// order compares a value with the limit, if they compare.
func (l limit) order(v value) (order int, ok bool) {
	n, numeric := v.number()
	switch {
	case !numeric:
		return strings.Compare(v.s, l.Text), true
	case v.kind == 'i' && l.whole:
		return cmp.Compare(v.i, l.integer), true
	}
	return cmp.Compare(n, l.number), l.numeric && n == n && l.number == l.number // not NaN
}

func compileTimes(x query.Range) (matcher, error) {
	t := matchTime{minTime, maxTime}
	if x.Min.Text != "" {
		from, to, err := parseTime(x.Min.Text)
		if err != nil {
			return nil, valueError(x.Pos, err)
		}
		if t.from = from; !x.Min.Inclusive {
			t.from = to
		}
	}
	if x.Max.Text != "" {
		from, to, err := parseTime(x.Max.Text)
		if err != nil {
			return nil, valueError(x.Pos, err)
		}
		if t.to = from; x.Max.Inclusive {
			t.to = to
		}
	}
	return t, nil
}

// Times before and after all others, in milliseconds.
const minTime, maxTime = -1 << 62, 1 << 62

// timeLayouts are what a time may look like, and how long it lasts then.
var timeLayouts = []struct {
	layout string
	unit   time.Duration
}{
	{"2006-01-02T15:04:05.000Z07:00", time.Millisecond},
	{"2006-01-02T15:04:05Z07:00", time.Millisecond}, // takes any fraction
	{"2006-01-02 15:04:05.000", time.Millisecond},
	{"2006-01-02T15:04:05.000", time.Millisecond},
	{"2006-01-02 15:04:05", time.Second},
	{"2006-01-02T15:04:05", time.Second},
	{"2006-01-02 15:04", time.Minute},
	{"2006-01-02", 24 * time.Hour},
}

// parseTime returns the milliseconds that a text stands for, to not included:
// those of a whole day for a date.
func parseTime(text string) (from, to int64, err error) {
	for _, l := range timeLayouts {
		if t, err := time.Parse(l.layout, text); err == nil {
			unit := l.unit
			if unit == time.Millisecond && t.Nanosecond() == 0 && !strings.Contains(text, ".") {
				unit = time.Second
			}
			return t.UnixMilli(), t.Add(unit).UnixMilli(), nil
		}
	}
	return 0, 0, fmt.Errorf(`%q is no time: write 2026-01-02T03:04:05Z, "2026-01-02 03:04:05" or 2026-01-02`, text)
}

// valueError says where in a query a value makes no sense.
func valueError(pos int, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, ErrNoStream) {
		return fmt.Errorf("%w: %w", ErrNoStream, &query.Error{Pos: pos, Msg: err.Error()})
	}
	return &query.Error{Pos: pos, Msg: err.Error()}
}
