package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The bounds of details.
const (
	detailCut = 10_000 // characters of a text, unless told
	maxNear   = 50
)

// Details are a record with what stands around it.
type Details struct {
	Record Record  `json:"record"`
	Fields []Field `json:"fields"` // by name

	// The records next to it in time, in the order of their timestamps, with
	// the beginnings of their texts and no field but the logger.
	Before []Record `json:"before"`
	After  []Record `json:"after"`
}

// A Field is a field as a search in Graylog knows it. Its value is a text, as
// JavaScript would round a whole number beyond 2^53.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Type  string `json:"type"` // text, int, float, date
	Cut   bool   `json:"cut"`  // there is more of the value
}

// errNoRecord says that there is no record of an id, or no more.
var errNoRecord = errors.New("no record")

// one returns the record of an id.
func (s *store) one(ctx context.Context, id int64) (*row, error) {
	var found *row
	f := filter{match: matchAll{}, after: id - 1, before: id + 1, from: minTime, to: maxTime}
	err := s.descend(ctx, s.span(f), func(_ int64, r *row) bool { found = r; return false })
	if err == nil && found == nil {
		err = fmt.Errorf("%w %d: it may have been deleted to make room", errNoRecord, id)
	}
	return found, endOf(ctx, err)
}

func (c *Collector) serveRecord(w http.ResponseWriter, r *http.Request, p params) error {
	id := p.number["id"]
	found, err := c.store.one(r.Context(), id)
	if err != nil {
		return err
	}
	rec, err := view{}.record(id, found)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, rec)
}

func (c *Collector) serveGELF(w http.ResponseWriter, r *http.Request, p params) error {
	found, err := c.store.one(r.Context(), p.number["id"])
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(appendGELF(nil, found)) // an error is the client's, who is gone
	return nil
}

func (c *Collector) serveDetails(w http.ResponseWriter, r *http.Request, p params) error {
	d, err := c.store.details(r.Context(), p.number["id"], view{cut: p.int("cut")}, p.int("near"), p.text("among"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, d)
}

// details returns a record with the nearest ones before and after it: among is
// the field that they share with it, or all.
func (s *store) details(ctx context.Context, id int64, v view, near int, among string) (d Details, err error) {
	r, err := s.one(ctx, id)
	if err != nil {
		return d, err
	}
	if d.Record, err = v.record(id, r); err != nil {
		return d, err
	}
	d.Fields = v.list(r)
	f := filter{match: matchAll{}, from: minTime, to: maxTime}
	if among != "all" {
		f.match = matchSame(r, among)
	}
	sp, at := s.span(f), moment{r.timestamp, id}
	around := func(backward bool) ([]Record, error) {
		moments, err := s.byTime(ctx, sp, at, backward, near)
		if err != nil {
			return nil, err
		}
		if backward { // nearest is last
			slices.Reverse(moments)
		}
		return s.recordsAt(ctx, sp, moments, briefView)
	}
	if d.Before, err = around(true); err != nil {
		return d, err
	}
	d.After, err = around(false)
	return d, err
}

// matchSame is about having a field as a row has it, or not at all if it does
// not.
func matchSame(r *row, name string) matcher {
	v, ok := r.field(name)
	if !ok {
		return matchNot{matchField{name, func(value) bool { return true }}}
	}
	return matchField{name, func(other value) bool { return other == v }}
}

// fieldTypes are the types of values as a mapping of the index names them.
var fieldTypes = map[byte]string{'s': "text", 'i': "int", 'f': "float"}

// list returns the fields of a row but message and full_message.
func (v view) list(r *row) []Field {
	fields := []Field{
		{"timestamp", time.UnixMilli(r.timestamp).UTC().Format("2006-01-02T15:04:05.000Z"), "date", false},
		{"streams", strings.Join(r.streams.titles(), ", "), "text", false},
	}
	r.eachValue(func(name string, x value) bool {
		if name == streamsColumn {
			return true
		}
		f := Field{name, x.text(), fieldTypes[x.kind], false}
		if x.kind == 's' {
			f.Value = v.text(x.s)
			f.Cut = len(f.Value) < len(x.s)
		}
		fields = append(fields, f)
		return true
	})
	slices.SortFunc(fields, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return fields
}
