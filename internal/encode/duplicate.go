package encode

import (
	"bytes"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// If a frame has two fields with the same name, Graylog stores the last. The
// encoder removes the earlier one and everything derived from it.

// nothing ends the member that was begun at start, and has no value.
func (e *Frame) nothing(start int) {
	if e.many {
		e.buf = append(e.buf, "null"...)
		return
	}
	e.buf = e.buf[:start]
}

// unique takes back an earlier field of the name at the end of buf, which
// begins at start with `,"_`. It returns where the name begins then.
func (e *Frame) unique(start int) int {
	e.forget(start)
	if e.many = e.many || e.names.Crowded(); e.many {
		return start
	}
	// Within a JSON text, quotation marks stand behind a backslash, so that a
	// comma and the name in its marks are found nowhere but at a member.
	e.buf = append(e.buf, `":`...)
	begin := bytes.Index(e.buf[e.attrs:start], e.buf[start:])
	e.buf = e.buf[:len(e.buf)-len(`":`)]
	if begin < 0 {
		return start
	}
	begin += e.attrs
	end := jsontext.ValueEnd(e.buf[:start], begin+len(e.buf)-start+len(`":`))
	e.buf = append(e.buf[:begin], e.buf[end:]...)
	return start - (end - begin)
}

// compact leaves the last one of several fields with a name, and of that
// nothing where it has no value. With many attributes this one pass takes the
// place of a search for each.
func (e *Frame) compact() {
	if !e.many {
		return
	}
	attrs := e.buf[e.attrs:]
	spans := spansOf(attrs)
	last := make(map[string]int, len(spans))
	for i, s := range spans {
		last[s.name] = i
	}
	kept := e.buf[:e.attrs]
	for i, s := range spans {
		if member := attrs[s.begin:s.end]; last[s.name] == i && !bytes.HasSuffix(member, []byte(`":null`)) {
			kept = append(kept, member...)
		}
	}
	e.buf, e.many = kept, false
}

// forget removes what is noted about an earlier field of the name at the end of
// buf, which begins at start.
func (e *Frame) forget(start int) {
	if len(e.details) == 0 && len(e.truncated) == 0 {
		return
	}
	name := string(e.buf[start+len(`,"_`):])
	e.details = slices.DeleteFunc(e.details, func(d detail) bool { return d.field == name })
	if len(e.truncated) > 0 {
		names := slices.DeleteFunc(strings.Split(string(e.truncated), ", "), func(n string) bool { return n == name })
		e.truncated = append(e.truncated[:0], strings.Join(names, ", ")...)
	}
}

// forgetOthers removes the values that did not fit the field.
func (e *Frame) forgetOthers(f *field.Field) {
	for s := field.SuffixText; s < field.Suffixes; s++ {
		o := f.Others[s].Load()
		if o == nil && s == field.SuffixText && !f.Remembered {
			o = e.fields.Other(f, s)
		}
		if o != nil && e.names.Has(o.Bit) {
			e.giveWay(o.Name())
		}
	}
}

// giveWay removes the field of this name.
func (e *Frame) giveWay(name string) {
	start := len(e.buf)
	e.buf = append(append(e.buf, `,"_`...), name...)
	if e.names.Add(field.BitOf([]byte(name))) {
		start = e.unique(start)
	}
	e.buf = append(e.buf, `":`...)
	e.nothing(start)
}

// upToDate returns a field whose name is not that of an earlier member by
// another field, which may have happened since.
func (e *Frame) upToDate(find func() *field.Field) *field.Field {
	for {
		f := find()
		if f.Since <= e.moves {
			return f
		}
		e.followMoves()
	}
}

// followMoves renames the members whose fields have given up their names since
// they were appended.
func (e *Frame) followMoves() {
	n := e.fields.Moves.Load()
	if n == e.moves {
		return
	}
	for _, m := range e.fields.MovedSince(e.moves) {
		from, to := []byte(`,"_`+m.From+`":`), []byte(`,"_`+m.To+`":`)
		if !bytes.Contains(e.buf[e.attrs:], from) {
			continue
		}
		e.buf = append(e.buf[:e.attrs], bytes.ReplaceAll(e.buf[e.attrs:], from, to)...)
		e.names.Add(field.BitOf([]byte(m.To)))
		e.rename(m)
	}
	e.moves = n
}

// rename changes the name of a field in what is noted about it.
func (e *Frame) rename(m field.Move) {
	for i := range e.details {
		if e.details[i].field == m.From {
			e.details[i].field = m.To
		}
	}
	if len(e.truncated) > 0 {
		names := strings.Split(string(e.truncated), ", ")
		for i := range names {
			if names[i] == m.From {
				names[i] = m.To
			}
		}
		e.truncated = append(e.truncated[:0], strings.Join(names, ", ")...)
	}
}
