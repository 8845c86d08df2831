package handler

import (
	"bytes"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/gelf"
)

// Of two fields with one name Graylog stores the last. So does a frame of ours
// have it alone, and nothing that came of the one before.

// textKey returns the key, outside of groups, of the field that has the text of
// the number of this name.
func textKey(name string) string {
	const suffix = "_text"
	return "_" + name[:min(len(name), gelf.MaxName-1-len(suffix))] + suffix
}

// nothing ends the member that was begun at start, and has no value.
func (e *encoder) nothing(start int) {
	if e.many {
		e.buf = append(e.buf, "null"...)
		return
	}
	e.buf = e.buf[:start]
}

// unique takes back an earlier field of the name at the end of buf, which
// begins at start with `,"_`. It returns where the name begins then.
func (e *encoder) unique(start int) int {
	start = e.forget(start)
	if e.many = e.many || e.names.crowded(); e.many {
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
	end := valueEnd(e.buf[:start], begin+len(e.buf)-start+len(`":`))
	e.buf = append(e.buf[:begin], e.buf[end:]...)
	return start - (end - begin)
}

// compact leaves the last one of several fields with a name, and of that
// nothing where it has no value. With many attributes this one pass takes the
// place of a search for each.
func (e *encoder) compact() {
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

// forget takes back what came of an earlier field of the name at the end of
// buf, which begins at start, and returns where the name begins then.
func (e *encoder) forget(start int) int {
	if e.full == "" && len(e.truncated) == 0 && len(e.texts) == 0 {
		return start
	}
	name := string(e.buf[start+len(`,"_`):])
	if name == e.fullOf {
		e.full, e.fullOf = "", ""
	}
	same := func(n string) bool { return n == name }
	if len(e.truncated) > 0 {
		names := strings.Split(string(e.truncated), ", ")
		e.truncated = append(e.truncated[:0], strings.Join(slices.DeleteFunc(names, same), ", ")...)
	}
	if slices.Contains(e.texts, name) {
		e.texts = slices.DeleteFunc(e.texts, same)
		e.buf = e.buf[:start]
		e.giveWay(gelf.FieldName(textKey(name)))
		start = len(e.buf)
		e.buf = append(append(e.buf, `,"_`...), name...)
	}
	return start
}

// giveWay takes back the field of this name.
func (e *encoder) giveWay(name string) {
	start := len(e.buf)
	e.buf = append(append(e.buf, `,"_`...), name...)
	if e.names.add(e.buf, start) {
		start = e.unique(start)
	}
	e.buf = append(e.buf, `":`...)
	e.nothing(start)
}
