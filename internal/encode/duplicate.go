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

// dropMember removes the member that begins at start, because its value is not stored.
// If e.many is set, it leaves a null for compact, which also removes earlier members
// with the name.
func (e *Frame) dropMember(start int) {
	if e.many {
		e.buf = append(e.buf, "null"...)
		return
	}
	e.buf = e.buf[:start]
}

// removeEarlier removes an earlier field with the name at the end of buf. The new
// member begins at start with `,"_`. removeEarlier returns its new beginning.
func (e *Frame) removeEarlier(start int) int {
	e.forget(start)
	if e.many = e.many || e.names.Crowded(); e.many {
		return start
	}
	// Quotation marks inside a JSON string are escaped, so a comma followed by the
	// quoted name can only be the beginning of a member.
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

// compact keeps only the last of several members with the same name, and removes it too
// if it is null. For many attributes, a single pass is faster than a search for each.
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

// forget removes the detail and the truncated name of an earlier field with the name at
// the end of buf. The new member begins at start.
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

// forgetOthers removes earlier values of f that did not fit and were stored in other
// fields.
func (e *Frame) forgetOthers(f *field.Field) {
	for s := field.SuffixText; s < field.NumSuffixes; s++ {
		o := f.Others[s].Load()
		if o == nil && s == field.SuffixText && !f.Remembered {
			o = e.fields.Other(f, s)
		}
		if o != nil && e.names.Has(o) {
			e.removeField(o.Name())
		}
	}
}

// removeField removes the field with this name.
func (e *Frame) removeField(name string) {
	start := len(e.buf)
	e.buf = append(append(e.buf, `,"_`...), name...)
	start = e.removeEarlier(start)
	e.buf = append(e.buf, `":`...)
	e.dropMember(start)
}

// currentField calls find until it returns a field whose name is not used by an earlier
// member. It first renames earlier members whose fields were renamed.
func (e *Frame) currentField(find func() *field.Field) *field.Field {
	for {
		f := find()
		if f.Since <= e.renames {
			return f
		}
		e.applyRenames()
	}
}

// applyRenames renames the members whose fields were renamed since they were appended.
func (e *Frame) applyRenames() {
	n := e.fields.Renames.Load()
	if n == e.renames {
		return
	}
	for _, m := range e.fields.RenamesSince(e.renames) {
		from, to := []byte(`,"_`+m.From+`":`), []byte(`,"_`+m.To+`":`)
		if !bytes.Contains(e.buf[e.attrs:], from) {
			continue
		}
		e.buf = append(e.buf[:e.attrs], bytes.ReplaceAll(e.buf[e.attrs:], from, to)...)
		e.names.Add(m.Field)
		e.renameNotes(m)
	}
	e.renames = n
}

// renameNotes renames a field in the details and in the truncated names.
func (e *Frame) renameNotes(m field.Rename) {
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
