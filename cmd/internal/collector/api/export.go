package api

import (
	"bufio"
	"fmt"
	"net/http"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// exportFields are the columns of a CSV by default.
var exportFields = []string{"timestamp", "source", "logger", "level", "message"}

// exportBytes is the size of the records that are read at a time. While they are sent,
// no transaction is open: a slow client would keep the database from truncating its
// log.
const exportBytes = 4 << 20

type exportRow struct {
	id int64
	index.Row
}

// serveExport sends all records that match, newest first.
func (a *API) serveExport(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	f, err := search.NewFilter(queryOf(p))
	if err != nil {
		return err
	}
	format := p.Text("format")
	fields, err := fieldsOf(p)
	if err != nil {
		return err
	}
	kind := "application/x-ndjson"
	if format == "csv" {
		kind = "text/csv; charset=utf-8; header=present"
		if fields == nil {
			fields = exportFields
		}
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition",
		fmt.Sprintf(`attachment; filename="records-%s.%s"`, time.Now().UTC().Format("20060102T150405Z"), format))
	if r.Method == http.MethodHead {
		return nil
	}
	sent := rest.NewSlowWriter(w)
	to := bufio.NewWriterSize(sent, rest.SlowPiece)
	write := exportJSON(to, fields)
	if format == "csv" {
		write = exportCSV(to, fields)
	}
	snap := a.store.Snapshot(f)
	for more := true; more && err == nil; {
		var page []exportRow
		bytes := 0
		err = snap.Descend(r.Context(), func(id int64, r *index.Row) bool {
			page = append(page, exportRow{id, *r})
			bytes += r.Size()
			return bytes < exportBytes
		})
		for i := 0; i < len(page) && err == nil; i++ {
			err = write(page[i].id, &page[i].Row)
		}
		if more = bytes >= exportBytes; more {
			snap = snap.Restrict(0, page[len(page)-1].id)
		}
	}
	if err == nil {
		err = to.Flush()
	}
	if err != nil && sent.HasBegun() {
		rest.BreakOff(r)
	}
	if err != nil {
		h.Del("Content-Disposition")
	}
	return err
}
