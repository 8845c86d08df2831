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

// Bounds of details.
const (
	DetailCut = 10_000 // characters of a text, by default
	MaxNear   = 50
)

// Details are a record with all its fields, and the records around it.
type Details struct {
	Record record.Record  `json:"record"`
	Fields []record.Field `json:"fields"` // sorted by name

	// The nearest records by timestamp, in the order of their timestamps. Their texts
	// are truncated, and logger is their only field.
	Before []record.Record `json:"before"`
	After  []record.Record `json:"after"`
}

// ErrNoRecord is the error of a record that does not exist, or no longer exists.
var ErrNoRecord = errors.New("no record")

// Get returns the record with an id.
func Get(ctx context.Context, s *store.Store, id int64) (*index.Row, error) {
	var found *index.Row
	f := store.Filter{Match: match.All{}, After: id - 1, Before: id + 1, From: match.MinTime, To: match.MaxTime}
	err := s.Snapshot(f).Descend(ctx, func(_ int64, r *index.Row) bool { found = r; return false })
	if err == nil && found == nil {
		err = fmt.Errorf("%w %d: it may have been deleted by retention", ErrNoRecord, id)
	}
	return found, err
}

// LoadDetails returns a record with the near nearest records before and after it.
// among is a field whose value these records share with it, or "all".
func LoadDetails(ctx context.Context, s *store.Store, id int64, v record.View, near int,
	among string) (d Details, err error) {
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
	snap, at := s.Snapshot(f), store.Moment{Timestamp: r.Timestamp, ID: id}
	around := func(backward bool) ([]record.Record, error) {
		moments, err := snap.Nearest(ctx, at, backward, near)
		if err != nil {
			return nil, err
		}
		if backward { // the nearest record comes last
			slices.Reverse(moments)
		}
		return recordsAt(ctx, snap, moments, record.BriefView)
	}
	if d.Before, err = around(true); err != nil {
		return d, err
	}
	d.After, err = around(false)
	return d, err
}
