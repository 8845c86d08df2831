package api

import (
	"net/http"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

func (a *API) serveRecord(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	id := p.Int64("id")
	found, err := search.Get(r.Context(), a.store, id)
	if err != nil {
		return err
	}
	rec, err := record.View{}.Record(id, found)
	if err != nil {
		return err
	}
	return rest.WriteJSON(w, http.StatusOK, rec)
}

func (a *API) serveGELF(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	found, err := search.Get(r.Context(), a.store, p.Int64("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(record.AppendGELF(nil, found)) // an error means that the client has gone
	return nil
}

func (a *API) serveDetails(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	d, err := search.LoadDetails(r.Context(), a.store, p.Int64("id"), record.View{Cut: p.Int("cut")}, p.Int("near"),
		p.Text("among"))
	if err != nil {
		return err
	}
	return rest.WriteJSON(w, http.StatusOK, d)
}
