package collector

import "fmt"

// maxPageBytes is the size of the records at which a harvest is full.
const maxPageBytes = 32 << 20

// A harvest is the records of an answer, while they are gathered.
type harvest struct {
	view
	limit   int
	records []Record
	bytes   int
	err     error
}

// add adds a row, and reports whether there is room for more.
func (h *harvest) add(id int64, r *row) bool {
	rec, err := h.record(id, r)
	if err != nil {
		h.err = fmt.Errorf("record %d: %w", id, err)
		return false
	}
	h.records = append(h.records, rec)
	h.bytes += rec.size()
	return !h.full()
}

func (h *harvest) full() bool { return len(h.records) >= h.limit || h.bytes >= maxPageBytes }

// size stands for what the record takes, as row.size.
func (r *Record) size() int {
	n := rowOverhead + len(r.Source) + len(r.Logger) + len(r.Message) + len(r.FullMessage)
	for name, v := range r.Fields {
		text, _ := v.(string)
		n += len(name) + len(text) + 16
	}
	for _, f := range r.Findings {
		n += len(f.Field) + len(f.Action) + len(f.Reason)
	}
	return n
}
