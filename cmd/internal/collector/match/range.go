package match

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
)

func compileRange(x query.Range) (Matcher, error) {
	switch x.Field {
	case "timestamp":
		return compileTimes(x)
	case "message", "full_message", "streams":
		return nil, &query.Error{
			Pos: x.Pos,
			Msg: x.Field + " has no order: ranges need numbers, times, or fields that are compared as a whole",
		}
	case "level":
		for _, b := range []*query.Bound{&x.Min, &x.Max} {
			if n, err := index.ParseLevel(b.Text); err == nil {
				b.Text = strconv.Itoa(n)
			}
		}
	}
	lo, hi := newRangeBound(x.Min), newRangeBound(x.Max)
	return fieldMatcher{x.Field, func(v index.Value) bool { return lo.below(v, 1) && hi.below(v, -1) }}, nil
}

// A rangeBound is one bound of a range, parsed.
type rangeBound struct {
	query.Bound
	number         float64
	integer        int64 // exact, unlike a float beyond 2^53; times in nanoseconds are larger
	numeric, whole bool
}

func newRangeBound(b query.Bound) rangeBound {
	l := rangeBound{Bound: b}
	var err error
	l.number, err = strconv.ParseFloat(b.Text, 64)
	l.numeric = err == nil
	l.integer, err = strconv.ParseInt(b.Text, 10, 64)
	l.whole = err == nil
	return l
}

// below reports whether a value is on the right side of a bound: above it if side is
// 1, below it if side is -1.
func (l rangeBound) below(v index.Value, side int) bool {
	if l.Text == "" {
		return true
	}
	order, ok := l.order(v)
	return ok && (order == side || order == 0 && l.Inclusive)
}

// order compares a value with the bound. ok is false if they cannot be compared.
func (l rangeBound) order(v index.Value) (order int, ok bool) {
	n, numeric := v.Number()
	switch {
	case !numeric:
		return strings.Compare(v.Str, l.Text), true
	case v.Kind == index.KindInteger && l.whole:
		return cmp.Compare(v.Int, l.integer), true
	}
	return cmp.Compare(n, l.number), l.numeric && n == n && l.number == l.number // not NaN
}

func compileTimes(x query.Range) (Matcher, error) {
	t := timeMatcher{MinTime, MaxTime}
	if x.Min.Text != "" {
		from, to, err := ParseTime(x.Min.Text)
		if err != nil {
			return nil, valueError(x.Pos, err)
		}
		if t.from = from; !x.Min.Inclusive {
			t.from = to
		}
	}
	if x.Max.Text != "" {
		from, to, err := ParseTime(x.Max.Text)
		if err != nil {
			return nil, valueError(x.Pos, err)
		}
		if t.to = from; x.Max.Inclusive {
			t.to = to
		}
	}
	return t, nil
}
