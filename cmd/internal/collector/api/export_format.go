package api

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
)

// exportJSON returns a function that writes a record as a line of JSON: all of it, or
// the named fields.
func exportJSON(to io.Writer, fields []string) func(int64, *index.Row) error {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	return func(id int64, r *index.Row) error {
		if fields == nil {
			rec, err := record.View{}.Record(id, r)
			if err != nil {
				return err
			}
			return enc.Encode(rec)
		}
		some := make(map[string]any, len(fields))
		for _, name := range fields {
			if v := exported(id, r, name); v.Kind != 0 {
				some[name] = v.Any()
			}
		}
		return enc.Encode(some)
	}
}

// exportCSV returns a function that writes a record as a line of CSV (RFC 4180).
// Errors of the writer are reported when it is flushed.
func exportCSV(to *bufio.Writer, fields []string) func(int64, *index.Row) error {
	out := csv.NewWriter(to)
	out.UseCRLF = true
	cells := make([]string, len(fields))
	for i, name := range fields {
		cells[i] = cellText(index.NewText(name))
	}
	_ = out.Write(cells)
	return func(id int64, r *index.Row) error {
		for i, name := range fields {
			cells[i] = cellText(exported(id, r, name))
		}
		return out.Write(cells)
	}
}

// cellText returns the text of a CSV cell. A text that a spreadsheet would read as a
// formula gets a quote as prefix (OWASP: CSV injection). Numbers do not.
func cellText(v index.Value) string {
	text := v.Text()
	if v.Kind == index.KindText && text != "" && strings.IndexByte("=+-@\t\r\n", text[0]) >= 0 {
		if _, err := strconv.ParseFloat(text, 64); err != nil || text[0] == '+' {
			return "'" + text
		}
	}
	return text
}

// exported returns a field of a row as an export shows it.
func exported(id int64, r *index.Row, name string) index.Value {
	switch name {
	case "id":
		return index.NewInteger(id)
	case "message":
		return index.NewText(r.Message)
	case "full_message":
		return index.NewText(r.FullMessage)
	case "timestamp":
		return index.NewText(time.UnixMilli(r.Timestamp).UTC().Format("2006-01-02T15:04:05.000Z"))
	case "received":
		return index.NewText(time.UnixMilli(r.Received).UTC().Format("2006-01-02T15:04:05.000Z"))
	case "streams":
		return index.NewText(strings.Join(record.StreamTitles(r.Streams), ", "))
	}
	v, _ := r.Field(name)
	return v
}
