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

// exportJSON writes a record as a line of JSON, with some fields if they are
// named.
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

// exportCSV writes a record as a line of CSV (RFC 4180). Its writer has no buffer
// beside the one it is given, and what goes wrong there is told at the end.
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

// cellText returns a value for a cell. A text that a spreadsheet would take for
// a formula gets a quote before it (OWASP: CSV injection); a number stays.
func cellText(v index.Value) string {
	text := v.Text()
	if v.Kind == index.KindText && text != "" && strings.IndexByte("=+-@\t\r\n", text[0]) >= 0 {
		if _, err := strconv.ParseFloat(text, 64); err != nil || text[0] == '+' {
			return "'" + text
		}
	}
	return text
}

// exported returns a field as an export has it.
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
