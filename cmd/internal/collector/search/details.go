package search

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/match"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
)

// The bounds of details.
const (
	DetailCut = 10_000 // characters of a text, unless told
	MaxNear   = 50
)

// Details are a record with what stands around it.
type Details struct {
	Record record.Record  `json:"record"`
	Fields []record.Field `json:"fields"` // by name

	// The records next to it in time, in the order of their timestamps, with
	// the beginnings of their texts and no field but the logger.
	Before []record.Record `json:"before"`
	After  []record.Record `json:"after"`
}

// errNoRecord says that there is no record of an id, or no more.
var ErrNoRecord = errors.New("no record")

// one returns the record of an id.
func Get(ctx context.Context, s *store.Store, id int64) (*index.Row, error) {
	var found *index.Row
	f := store.Filter{Match: match.All{}, After: id - 1, Before: id + 1, From: match.MinTime, To: match.MaxTime}
	err := s.Snapshot(f).Descend(ctx, func(_ int64, r *index.Row) bool { found = r; return false })
	if err == nil && found == nil {
		err = fmt.Errorf("%w %d: it may have been deleted to make room", ErrNoRecord, id)
	}
	return found, err
}

// details returns a record with the nearest ones before and after it: among is
// the field that they share with it, or all.
func LoadDetails(ctx context.Context, s *store.Store, id int64, v record.View, near int, among string) (d Details, err error) {
	r, err := Get(ctx, s, id)
	if err != nil {
		return d, err
	}
	if d.Record, err = v.Record(id, r); err != nil {
		return d, err
	}
	d.Fields = v.FieldList(r)
	f := store.Filter{Match: match.All{}, From: match.MinTime, To: match.MaxTime}
	if among != "all" {
		f.Match = match.SameField(r, among)
	}
	sp, at := s.Snapshot(f), store.Moment{Timestamp: r.Timestamp, Id: id}
	around := func(backward bool) ([]record.Record, error) {
		moments, err := sp.Nearest(ctx, at, backward, near)
		if err != nil {
			return nil, err
		}
		if backward { // nearest is last
			slices.Reverse(moments)
		}
		return recordsAt(ctx, sp, moments, record.BriefView)
	}
	if d.Before, err = around(true); err != nil {
		return d, err
	}
	d.After, err = around(false)
	return d, err
}
