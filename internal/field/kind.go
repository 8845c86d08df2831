package field

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// A Kind is what the index of Graylog tells values apart by. The first value of
// a field decides which kind the field has, and a record with a value of
// another kind may be lost.
type Kind uint32

const (
	kindUnknown   Kind = iota
	KindInteger        // no decimal point
	KindFloat          // with a decimal point
	KindText           // nothing that the index takes for a date
	KindDate           // text with the date, or date and time, of ISO 8601
	KindSlashDate      // text such as 2026/01/02 or 2026/01/02 03:04:05
	KindOddDate        // text that looks like a date and is none to us, or one that does not exist
)

func (k Kind) String() string {
	return [...]string{
		"no value", "an integer", "a float", "a text", "a date", "a date with slashes", "a text like a date",
	}[k]
}

// Errors about the number of keys, reported to OnError once.
var (
	ErrManyFields = fmt.Errorf("handler: %d different fields have been logged: an index of Graylog has room for 1,000 "+
		"and loses records with further ones; put what varies into values, not keys", manyFields)
	ErrKeysUnchecked = fmt.Errorf("handler: %d different keys have been logged: the kinds of further ones are not "+
		"checked, and Graylog may lose their records; put what varies into values, not keys", MaxFields)
)

// nameTaken reports that f cannot have a name because another field has it.
func nameTaken(f, owner *Field) report {
	problem := fmt.Sprintf("the key %v has the name %s; use another key", owner, owner.Name())
	return report{key: f.String(), field: f.Name(), problem: problem}
}

// KindOf returns the kind of a value that is written in JSON.
func KindOf(value []byte) Kind {
	if value[0] != '"' {
		if bytes.ContainsAny(value, ".e") {
			return KindFloat
		}
		return KindInteger
	}
	text := value[1 : len(value)-1]
	if len(text) == 0 || text[0] > '9' && text[0] != '\\' {
		return KindText
	}
	if text[0] == '\\' || text[len(text)-1] <= ' ' || bytes.IndexByte(text[max(0, len(text)-6):], '\\') >= 0 {
		var s string
		if json.Unmarshal(value, &s) != nil {
			return KindText
		}
		return dateKind(s)
	}
	return dateKind(string(text))
}
