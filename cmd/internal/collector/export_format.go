package collector

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"
)

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
		return textValue(strings.Join(streamTitles(r.streams), ", "))
	}
	v, _ := r.field(name)
	return v
}
