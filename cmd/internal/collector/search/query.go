package search

import (
	"fmt"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/match"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
)

// The bounds of a search.
const (
	// MaxLimit is the most records that one search returns.
	MaxLimit = 1_000
	// DefaultLimit is how many it returns unless told.
	DefaultLimit = 100
)

// A Query selects records. The zero value selects all.
type Query struct {
	// Stream is the name, title or prefix of a stream in any case, such as
	// "TTP"; "" means all records.
	Stream string

	// Text is in the language of package query: words, fields, AND, OR and NOT.
	Text string

	// Level is a severity by number or name ("4", "warning") and selects the
	// records that are at least that severe.
	Level string

	// After and Before select the records with a greater and a smaller ID.
	After, Before int64

	// From and To select by timestamp, which is the sender's: not before From,
	// and before To. A zero time is no bound.
	From, To time.Time

	// Limit is the most records to return, at most MaxLimit; 0 means
	// DefaultLimit.
	Limit int

	// Oldest selects the oldest records that match, oldest first, in place of
	// the newest.
	Oldest bool
}

// limit returns the most records to return.
func (q Query) limit() int {
	if q.Limit == 0 {
		return DefaultLimit
	}
	return q.Limit
}

// newFilter compiles a query. An error wraps query.ErrInvalid, or ErrNoStream if the query
// names an unknown stream. If the text of the query is wrong, it also wraps a
// [*query.Error], which has the position.
func NewFilter(q Query) (store.Filter, error) {
	f := store.Filter{After: q.After, Before: q.Before, From: match.MinTime, To: match.MaxTime}
	var all match.And
	if q.Stream != "" {
		i, err := record.StreamIndex(q.Stream)
		if err != nil {
			return f, err
		}
		all = append(all, match.Stream(i))
	}
	if q.Level != "" {
		n, err := index.ParseLevel(q.Level)
		if err != nil {
			return f, fmt.Errorf("%w: level %q: %w", query.ErrInvalid, q.Level, err)
		}
		all = append(all, match.AtLeast(n))
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		if !q.From.IsZero() {
			f.From = q.From.UnixMilli()
		}
		if !q.To.IsZero() {
			f.To = q.To.UnixMilli()
		}
		if f.From >= f.To {
			return f, fmt.Errorf("%w: from is not before to", query.ErrInvalid)
		}
		all = append(all, match.InTime(f.From, f.To))
	}
	if q.After < 0 || q.Before < 0 {
		return f, fmt.Errorf("%w: an id is a positive number", query.ErrInvalid)
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return f, fmt.Errorf("%w: limit %d: use 1 to %d", query.ErrInvalid, q.Limit, MaxLimit)
	}
	m, err := match.Compile(q.Text, record.StreamIndex)
	if err != nil {
		return f, fmt.Errorf("%w: %w", query.ErrInvalid, err)
	}
	switch all = append(all, m); {
	case len(all) == 1:
		f.Match = m
	default:
		f.Match = all
	}
	return f, nil
}
