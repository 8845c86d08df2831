package api

import (
	"fmt"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// maxFields is the largest number of names of fields in a request.
const maxFields = 100

// fieldsOf returns the names of fields, nil if there are none.
func fieldsOf(p rest.Params) ([]string, error) {
	names := p.List("fields")
	if len(names) > maxFields {
		return nil, fmt.Errorf("%w: %d fields: use at most %d", query.ErrInvalid, len(names), maxFields)
	}
	return names, nil
}

// viewOf returns the view of the records in the answer.
func viewOf(p rest.Params) (record.View, error) {
	names, err := fieldsOf(p)
	return record.View{Cut: p.Int("cut"), Fields: names}, err
}

// queryOf returns the query that the parameters describe.
func queryOf(p rest.Params) search.Query {
	q := search.Query{
		Stream: p.Text("stream"), Text: p.Text("q"), Level: p.Text("level"),
		After: p.Int64("after"), Before: p.Int64("before"), Limit: p.Int("limit"), Oldest: p.Text("order") == "oldest",
	}
	q.From, q.To = timesOf(p)
	return q
}

// timesOf returns the range of time, zero for an open end.
func timesOf(p rest.Params) (from, to time.Time) {
	if seconds := p.Int64("range"); seconds > 0 {
		now := time.Now()
		return now.Add(-time.Duration(seconds) * time.Second), now
	}
	return p.Time("from"), p.Time("to")
}
