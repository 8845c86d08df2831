package api

import (
	"net/http"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

func (a *API) serveRecord(w http.ResponseWriter, r *http.Request, p params) error {
	id := p.number["id"]
	found, err := search.Get(r.Context(), a.store, id)
	if err != nil {
		return err
	}
	rec, err := record.View{}.Record(id, found)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, rec)
}

func (a *API) serveGELF(w http.ResponseWriter, r *http.Request, p params) error {
	found, err := search.Get(r.Context(), a.store, p.number["id"])
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(record.AppendGELF(nil, found)) // an error means that the client has gone
	return nil
}

func (a *API) serveDetails(w http.ResponseWriter, r *http.Request, p params) error {
	d, err := search.LoadDetails(r.Context(), a.store, p.number["id"], record.View{Cut: p.int("cut")}, p.int("near"),
		p.text("among"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, d)
}
