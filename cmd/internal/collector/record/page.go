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
func (p *Page) Add(id int64, r *index.Row) bool {
	rec, err := p.Record(id, r)
	if err != nil {
		p.Err = fmt.Errorf("record %d: %w", id, err)
		return false
	}
	p.Records = append(p.Records, rec)
	p.bytes += rec.size()
	return !p.Full()
}

// Full reports whether the page has no room for another record.
func (p *Page) Full() bool { return len(p.Records) >= p.Limit || p.bytes >= maxPageBytes }

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
