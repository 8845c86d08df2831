package handler

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// A kind is what the index of Graylog tells values apart by. The first value of
// a field decides which kind the field has, and a record with a value of
// another kind may be lost.
type kind uint32

const (
	kindUnknown   kind = iota
	kindInteger        // no decimal point
	kindFloat          // with a decimal point
	kindText           // nothing that the index takes for a date
	kindDate           // text with the date, or date and time, of ISO 8601
	kindSlashDate      // text such as 2026/01/02 or 2026/01/02 03:04:05
	kindOddDate        // text that looks like a date and is none to us, or one that does not exist
)

func (k kind) String() string {
	return [...]string{
		"no value", "an integer", "a float", "a text", "a date", "a date with slashes", "a text like a date",
	}[k]
}

// A KeyError says that values of a key are stored in another field than others
// of the key, or in another form. It is reported to OnError once for each key.
type KeyError struct {
	Key     string // as it was logged, quoted, behind its groups: "db"."user"
	Field   string // that has the value in Graylog
	Problem string // and what to do
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("handler: attribute %s is stored as %s: %s", e.Key, e.Field, e.Problem)
}

// Errors about the number of keys, reported to OnError once.
var (
	errManyKeys = fmt.Errorf("handler: %d different fields have been logged: an index of Graylog has room for 1,000 "+
		"and loses records with further ones; put what varies into values, not keys", manyFields)
	errTooManyKeys = fmt.Errorf("handler: %d different keys have been logged: the kinds of further ones are not "+
		"checked, and Graylog may lose their records; put what varies into values, not keys", maxFields)
)

// nameTaken says that f cannot have a name because another field has it.
func nameTaken(f, owner *field) error {
	return &KeyError{f.String(), f.name(), fmt.Sprintf("the key %v has the name %s; use another key", owner, owner.name())}
}

// fit makes the value that is the end of buf, from the offset at on, one that
// the index can store in the field after the values before it. The member
// begins at start.
func (e *encoder) fit(f *field, start, at int) {
	is := kindOf(e.buf[at:])
	if is == kindOddDate {
		quoted := appendString(nil, string(e.buf[at:]))
		e.buf = append(e.buf[:at], quoted...)
		e.mismatch(f, f.name(), "the index could take its text for a date, so it is in quotation marks")
		is = kindText
	}
	first := f.first(is)
	if first == is {
		return
	}
	in := f.name()
	switch number := is == kindInteger || is == kindFloat; {
	case first == kindFloat && is == kindInteger:
		e.buf = append(e.buf, ".0"...)
	case first == kindInteger && is == kindFloat && wholeFloat(e.buf[at:]):
		e.buf = e.buf[:len(e.buf)-len(".0")]
	case first == kindText && number:
		e.buf = append(slices.Insert(e.buf, at, '"'), '"')
	case first == kindDate && is == kindSlashDate:
		e.buf = append(e.buf[:at], isoDate(e.buf[at:])...)
	default:
		in = e.divert(f, start, at, is)
	}
	e.mismatch(f, in, fmt.Sprintf("it is %s, and the first value was %s; Graylog loses records in which the kind of "+
		"a field changes, or computes with the wrong numbers: log values of one kind under one key", is, first))
}

func (e *encoder) mismatch(f *field, in, problem string) {
	e.fields.retyped.Add(1)
	if f.remembered && !f.reported.Swap(true) {
		e.fields.report(&KeyError{f.String(), in, problem})
	}
}

// wholeFloat reports whether the number is an integer with ".0" behind it.
func wholeFloat(number []byte) bool {
	const most = len("-922337203685477580") // one digit less than the range of an int64
	digits, ok := bytes.CutSuffix(number, []byte(".0"))
	return ok && len(digits) <= most
}

// divert moves the value that is the end of buf to the field that takes such
// values instead of f, and returns the name of that field. A float goes to
// one of its own, where charts can use it: an index that has seen an integer
// first computes with 1 instead of 1.5.
func (e *encoder) divert(f *field, start, at int, is kind) string {
	value := bytes.Clone(e.buf[at:])
	e.buf = e.buf[:at]
	e.nothing(start)
	to := suffixText
	switch is {
	case kindDate:
		to = suffixDate
	case kindSlashDate:
		to, value = suffixDate, isoDate(value)
	case kindFloat:
		if to = suffixFloat; kind(f.kind.Load()) != kindInteger {
			to, value = suffixText, appendString(nil, string(value))
		}
	case kindInteger:
		value = appendString(nil, string(value))
	}
	return e.putOther(f, to, value)
}

// putOther appends a member of the field that has this suffix to its name.
func (e *encoder) putOther(f *field, to suffix, value []byte) string {
	o := e.upToDate(func() *field { return e.fields.other(f, to) })
	e.openMember(o)
	if e.censor != nil && e.censor.hides(e.groups, e.key+to.String()) {
		value = appendString(nil, censored)
	}
	e.buf = append(e.buf, value...)
	e.rename(move{f.name(), o.name()})
	return o.name()
}

// kindOf returns the kind of a value that is written in JSON.
func kindOf(value []byte) kind {
	if value[0] != '"' {
		if bytes.ContainsAny(value, ".e") {
			return kindFloat
		}
		return kindInteger
	}
	text := value[1 : len(value)-1]
	if len(text) == 0 || text[0] > '9' && text[0] != '\\' {
		return kindText
	}
	if text[0] == '\\' || text[len(text)-1] <= ' ' || bytes.IndexByte(text[max(0, len(text)-6):], '\\') >= 0 {
		var s string
		if json.Unmarshal(value, &s) != nil {
			return kindText
		}
		return dateKind(s)
	}
	return dateKind(string(text))
}
