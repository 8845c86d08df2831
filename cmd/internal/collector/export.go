package collector

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// exportFields are the columns of a CSV unless told.
var exportFields = []string{"timestamp", "source", "logger", "level", "message"}

// exportBytes is how much is read before it is sent. Nothing is read meanwhile: a
// transaction that is as slow as a client would keep the log of the database from
// being cut.
const exportBytes = 4 << 20

type exportRow struct {
	id int64
	row
}

// serveExport sends all records that match, newest first.
func (c *Collector) serveExport(w http.ResponseWriter, r *http.Request, p params) error {
	f, err := newFilter(p.query())
	if err != nil {
		return err
	}
	format := p.text("format")
	fields, err := p.fields()
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
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="records-%s.%s"`, time.Now().UTC().Format("20060102T150405Z"), format))
	if r.Method == http.MethodHead {
		return nil
	}
	sent := newSlowWriter(w)
	to := bufio.NewWriterSize(sent, slowPiece)
	write := exportJSON(to, fields)
	if format == "csv" {
		write = exportCSV(to, fields)
	}
	sp := c.store.span(f)
	for more := true; more && err == nil; {
		var page []exportRow
		bytes := 0
		err = c.store.descend(r.Context(), sp, func(id int64, r *row) bool {
			page = append(page, exportRow{id, *r})
			bytes += r.size()
			return bytes < exportBytes
		})
		for i := 0; i < len(page) && err == nil; i++ {
			err = write(page[i].id, &page[i].row)
			sp.hi = page[i].id
		}
		more = bytes >= exportBytes
	}
	if err == nil {
		err = to.Flush()
	}
	if err != nil && sent.begun {
		breakOff(r)
	}
	if err != nil {
		h.Del("Content-Disposition")
	}
	return err
}

// breakOff ends an answer whose status is sent already, and that is not complete.
// The connection breaks off, which every client reports: HTTP/1.1 lacks the last
// chunk, and HTTP/1.0, whose answers end with the connection, has it reset.
func breakOff(r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(*limitedConn); ok && !r.ProtoAtLeast(1, 1) {
		if tcp, ok := c.Conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	}
	panic(http.ErrAbortHandler)
}

// exportJSON writes a record as a line of JSON, with some fields if they are
// named.
func exportJSON(to io.Writer, fields []string) func(int64, *row) error {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	return func(id int64, r *row) error {
		if fields == nil {
			rec, err := view{}.record(id, r)
			if err != nil {
				return err
			}
			return enc.Encode(rec)
		}
		some := make(map[string]any, len(fields))
		for _, name := range fields {
			if v := r.exported(id, name); v.kind != 0 {
				some[name] = v.any()
			}
		}
		return enc.Encode(some)
	}
}

// exportCSV writes a record as a line of CSV (RFC 4180). Its writer has no buffer
// beside the one it is given, and what goes wrong there is told at the end.
func exportCSV(to *bufio.Writer, fields []string) func(int64, *row) error {
	out := csv.NewWriter(to)
	out.UseCRLF = true
	cells := make([]string, len(fields))
	for i, name := range fields {
		cells[i] = cellText(textValue(name))
	}
	_ = out.Write(cells)
	return func(id int64, r *row) error {
		for i, name := range fields {
			cells[i] = cellText(r.exported(id, name))
		}
		return out.Write(cells)
	}
}

// cellText returns a value for a cell. A text that a spreadsheet would take for
// a formula gets a quote before it (OWASP: CSV injection); a number stays.
func cellText(v value) string {
	text := v.text()
	if v.kind == 's' && text != "" && strings.IndexByte("=+-@\t\r\n", text[0]) >= 0 {
		if _, err := strconv.ParseFloat(text, 64); err != nil || text[0] == '+' {
			return "'" + text
		}
	}
	return text
}

// exported returns a field as an export has it.
func (r *row) exported(id int64, name string) value {
	switch name {
	case "id":
		return intValue(id)
	case "message":
		return textValue(r.message)
	case "full_message":
		return textValue(r.fullMessage)
	case "timestamp":
		return textValue(time.UnixMilli(r.timestamp).UTC().Format("2006-01-02T15:04:05.000Z"))
	case "received":
		return textValue(time.UnixMilli(r.received).UTC().Format("2006-01-02T15:04:05.000Z"))
	case "streams":
		return textValue(strings.Join(r.streams.titles(), ", "))
	}
	v, _ := r.field(name)
	return v
}
