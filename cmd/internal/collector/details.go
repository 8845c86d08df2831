package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// The bounds of details.
const (
	detailCut = 10_000 // characters of a text, unless told
	maxNear   = 50
)

// Details are a record with what stands around it.
type Details struct {
	Record Record  `json:"record"`
	Fields []Field `json:"fields"` // by name

	// The records next to it in time, in the order of their timestamps, with
	// the beginnings of their texts and no field but the logger.
	Before []Record `json:"before"`
	After  []Record `json:"after"`
}

// errNoRecord says that there is no record of an id, or no more.
var errNoRecord = errors.New("no record")

// one returns the record of an id.
func one(ctx context.Context, s *store, id int64) (*row, error) {
	var found *row
	f := filter{match: matchAll{}, after: id - 1, before: id + 1, from: minTime, to: maxTime}
	err := s.span(f).descend(ctx, func(_ int64, r *row) bool { found = r; return false })
	if err == nil && found == nil {
		err = fmt.Errorf("%w %d: it may have been deleted to make room", errNoRecord, id)
	}
	return found, err
}

// details returns a record with the nearest ones before and after it: among is
// the field that they share with it, or all.
func details(ctx context.Context, s *store, id int64, v view, near int, among string) (d Details, err error) {
	r, err := one(ctx, s, id)
	if err != nil {
		return d, err
	}
	if d.Record, err = v.record(id, r); err != nil {
		return d, err
	}
	d.Fields = v.list(r)
	f := filter{match: matchAll{}, from: minTime, to: maxTime}
	if among != "all" {
		f.match = matchSame(r, among)
	}
	sp, at := s.span(f), moment{r.timestamp, id}
	around := func(backward bool) ([]Record, error) {
		moments, err := sp.nearest(ctx, at, backward, near)
		if err != nil {
			return nil, err
		}
		if backward { // nearest is last
			slices.Reverse(moments)
		}
		return recordsAt(ctx, sp, moments, briefView)
	}
	if d.Before, err = around(true); err != nil {
		return d, err
	}
	d.After, err = around(false)
	return d, err
}

// matchSame is about having a field as a row has it, or not at all if it does
// not.
func matchSame(r *row, name string) matcher {
	v, ok := r.field(name)
	if !ok {
		return matchNot{matchField{name, func(value) bool { return true }}}
	}
	return matchField{name, func(other value) bool { return other == v }}
}
