package collector

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
)

// serveAggregate answers with one pivot.
func (a *restAPI) serveAggregate(w http.ResponseWriter, r *http.Request, p params) error {
	var v Pivot
	if f := p.text("rows"); f != "" {
		v.Row = &Group{Field: f, Limit: p.int("row_limit")}
	}
	if f := p.text("columns"); f != "" {
		v.Column = &Group{Field: f, Limit: p.int("column_limit")}
	}
	for _, text := range p.list("series") {
		function, field, ok := strings.Cut(strings.TrimSuffix(text, ")"), "(")
		if !ok || !strings.HasSuffix(text, ")") {
			return fmt.Errorf("%w: series %q: write it as count() or avg(cpu_percent)", query.ErrInvalid, text)
		}
		v.Series = append(v.Series, Series{function, field})
	}
	return a.aggregateOne(w, r, p, v)
}

func (a *restAPI) serveHistogram(w http.ResponseWriter, r *http.Request, p params) error {
	return a.aggregateOne(w, r, p, Pivot{
		Row: &Group{Field: "timestamp"}, Column: &Group{Field: "level", Empty: true}, Series: []Series{{Function: "count"}},
	})
}

func (a *restAPI) aggregateOne(w http.ResponseWriter, r *http.Request, p params, v Pivot) error {
	tables, err := a.aggregate(r.Context(), p.query(), []Pivot{v})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, tables[0])
}

func (a *restAPI) serveFacets(w http.ResponseWriter, r *http.Request, p params) error {
	f, err := newFilter(p.query())
	if err != nil {
		return err
	}
	found, err := facets(r.Context(), a.store.span(f), p.list("fields"), p.int("size"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, found)
}

func (a *restAPI) serveTab(w http.ResponseWriter, r *http.Request, p params) error {
	from, to := p.times()
	if !p.has("range") && from.IsZero() && to.IsZero() {
		to = time.Now()
		from = to.Add(-dashboardRange())
	}
	data, err := tabData(r.Context(), a, p.text("tab"), from.UTC(), to.UTC())
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, data)
}

// aggregate computes pivots over the records that match a query.
func (a *restAPI) aggregate(ctx context.Context, q Query, pivots []Pivot) ([]Table, error) {
	f, err := newFilter(q)
	if err != nil {
		return nil, err
	}
	return aggregate(ctx, a.store.span(f), pivots)
}

// latest returns the records that match and have the latest timestamps.
func (a *restAPI) latest(ctx context.Context, q Query, v view) ([]Record, error) {
	return latest(ctx, a.store, q, v)
}
