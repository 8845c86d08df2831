package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/dashboard"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/pivot"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// serveAggregate answers with the table of one pivot.
func (a *API) serveAggregate(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	var v pivot.Pivot
	if f := p.Text("rows"); f != "" {
		v.Row = &pivot.Group{Field: f, Limit: p.Int("row_limit")}
	}
	if f := p.Text("columns"); f != "" {
		v.Column = &pivot.Group{Field: f, Limit: p.Int("column_limit")}
	}
	for _, text := range p.List("series") {
		function, field, ok := strings.Cut(strings.TrimSuffix(text, ")"), "(")
		if !ok || !strings.HasSuffix(text, ")") {
			return fmt.Errorf("%w: series %q: write it as count() or avg(cpu_percent)", query.ErrInvalid, text)
		}
		v.Series = append(v.Series, pivot.Series{Function: function, Field: field})
	}
	return a.aggregateOne(w, r, p, v)
}

func (a *API) serveHistogram(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	return a.aggregateOne(w, r, p, pivot.Pivot{
		Row:    &pivot.Group{Field: "timestamp"},
		Column: &pivot.Group{Field: "level", Empty: true},
		Series: []pivot.Series{{Function: "count"}},
	})
}

func (a *API) aggregateOne(w http.ResponseWriter, r *http.Request, p rest.Params, v pivot.Pivot) error {
	tables, err := a.Aggregate(r.Context(), queryOf(p), []pivot.Pivot{v})
	if err != nil {
		return err
	}
	return rest.WriteJSON(w, http.StatusOK, tables[0])
}

func (a *API) serveFacets(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	f, err := search.NewFilter(queryOf(p))
	if err != nil {
		return err
	}
	found, err := pivot.CountFacets(r.Context(), a.store.Snapshot(f), p.List("fields"), p.Int("size"))
	if err != nil {
		return err
	}
	return rest.WriteJSON(w, http.StatusOK, found)
}

func (a *API) serveTab(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	from, to := timesOf(p)
	if !p.Has("range") && from.IsZero() && to.IsZero() {
		to = time.Now()
		from = to.Add(-dashboard.Range())
	}
	data, err := dashboard.LoadTab(r.Context(), a, p.Text("tab"), from.UTC(), to.UTC())
	if err != nil {
		return err
	}
	return rest.WriteJSON(w, http.StatusOK, data)
}

// Aggregate computes pivots over the records that match a query.
func (a *API) Aggregate(ctx context.Context, q search.Query, pivots []pivot.Pivot) ([]pivot.Table, error) {
	f, err := search.NewFilter(q)
	if err != nil {
		return nil, err
	}
	return pivot.Aggregate(ctx, a.store.Snapshot(f), pivots)
}

// Latest returns the records that match and have the latest timestamps.
func (a *API) Latest(ctx context.Context, q search.Query, v record.View) ([]record.Record, error) {
	return search.Latest(ctx, a.store, q, v)
}
