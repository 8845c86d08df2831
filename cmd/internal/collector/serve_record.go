package collector

import "net/http"

func (a *restAPI) serveRecord(w http.ResponseWriter, r *http.Request, p params) error {
	id := p.number["id"]
	found, err := one(r.Context(), a.store, id)
	if err != nil {
		return err
	}
	rec, err := view{}.record(id, found)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, rec)
}

func (a *restAPI) serveGELF(w http.ResponseWriter, r *http.Request, p params) error {
	found, err := one(r.Context(), a.store, p.number["id"])
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(appendGELF(nil, found)) // an error is the client's, who is gone
	return nil
}

func (a *restAPI) serveDetails(w http.ResponseWriter, r *http.Request, p params) error {
	d, err := details(r.Context(), a.store, p.number["id"], view{cut: p.int("cut")}, p.int("near"), p.text("among"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, d)
}
