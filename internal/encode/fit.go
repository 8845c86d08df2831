package encode

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// fit changes the value at the end of buf to the kind of the field f, or moves it to
// another field. The value begins at the offset at, the member at start.
func (e *Frame) fit(f *field.Field, start, at int) {
	is := field.KindOf(e.buf[at:])
	if is == field.KindOddDate {
		quoted := jsontext.AppendString(nil, string(e.buf[at:]))
		e.buf = append(e.buf[:at], quoted...)
		e.mismatch(f, f.Name(), "the index could take the string for a date, so it was put in quotation marks")
		is = field.KindText
	}
	first := f.First(is)
	if first == is {
		return
	}
	in := f.Name()
	switch number := is == field.KindInteger || is == field.KindFloat; {
	case first == field.KindFloat && is == field.KindInteger:
		e.buf = append(e.buf, ".0"...)
	case first == field.KindInteger && is == field.KindFloat && wholeFloat(e.buf[at:]):
		e.buf = e.buf[:len(e.buf)-len(".0")]
	case first == field.KindText && number:
		e.buf = append(slices.Insert(e.buf, at, '"'), '"')
	case first == field.KindDate && is == field.KindSlashDate:
		e.buf = append(e.buf[:at], field.IsoDate(e.buf[at:])...)
	default:
		in = e.divert(f, start, at, is)
	}
	e.mismatch(f, in, fmt.Sprintf("the value is %s, but the first value was %s: log values of one kind under one key"+
		" (if the kind of a field changes, Graylog rejects the record or computes with wrong numbers)", is, first))
}

// mismatch counts a value that does not fit, and reports the first one of each field.
func (e *Frame) mismatch(f *field.Field, in, problem string) {
	e.fields.Retyped.Add(1)
	if f.Remembered && !f.Reported.Swap(true) {
		e.ReportKey(f.String(), in, problem)
	}
}

// wholeFloat reports whether a number is an integer followed by ".0".
func wholeFloat(number []byte) bool {
	const most = len("-922337203685477580") // one digit less than the range of an int64
	digits, ok := bytes.CutSuffix(number, []byte(".0"))
	return ok && len(digits) <= most
}

// divert moves the value at the end of buf to another field for values of this kind,
// and returns the name of that field. A float gets a field in which charts can use it:
// an index that first saw an integer would compute with 1 instead of 1.5.
func (e *Frame) divert(f *field.Field, start, at int, is field.Kind) string {
	value := bytes.Clone(e.buf[at:])
	e.buf = e.buf[:at]
	e.dropMember(start)
	to := field.SuffixText
	switch is {
	case field.KindDate:
		to = field.SuffixDate
	case field.KindSlashDate:
		to, value = field.SuffixDate, field.IsoDate(value)
	case field.KindFloat:
		if to = field.SuffixFloat; field.Kind(f.Kind.Load()) != field.KindInteger {
			to, value = field.SuffixText, jsontext.AppendString(nil, string(value))
		}
	case field.KindInteger:
		value = jsontext.AppendString(nil, string(value))
	}
	return e.putOther(f, to, value)
}

// putOther appends a member with a value for the field of f with this suffix, and
// returns its name.
func (e *Frame) putOther(f *field.Field, to field.Suffix, value []byte) string {
	o := e.currentField(func() *field.Field { return e.fields.Other(f, to) })
	e.openMember(o)
	if e.Censor != nil && e.Censor.HidesKey(e.groups, e.key+to.String()) {
		value = jsontext.AppendString(nil, censor.Mark)
	}
	e.buf = append(e.buf, value...)
	e.renameNotes(field.Rename{From: f.Name(), To: o.Name()})
	return o.Name()
}
