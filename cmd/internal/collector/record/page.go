package record

import (
	"fmt"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// maxPageBytes is the size of the records at which a page is full.
const maxPageBytes = 32 << 20

// A Page collects the records of an answer.
type Page struct {
	View
	Limit   int
	Records []Record
	bytes   int
	Err     error
}

// Add adds a row and reports whether the page has room for another.
func (h *Page) Add(id int64, r *index.Row) bool {
	rec, err := h.Record(id, r)
	if err != nil {
		h.Err = fmt.Errorf("record %d: %w", id, err)
		return false
	}
	h.Records = append(h.Records, rec)
	h.bytes += rec.size()
	return !h.Full()
}

func (h *Page) Full() bool { return len(h.Records) >= h.Limit || h.bytes >= maxPageBytes }

// size estimates the memory that the record takes, in bytes.
func (r *Record) size() int {
	n := index.RowOverhead + len(r.Source) + len(r.Logger) + len(r.Message) + len(r.FullMessage)
	for name, v := range r.Fields {
		text, _ := v.(string)
		n += len(name) + len(text) + 16
	}
	for _, f := range r.Findings {
		n += len(f.Field) + len(f.Action) + len(f.Reason)
	}
	return n
}
