package field

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// A Kind is a kind of value that the index of Graylog distinguishes. The first value of
// a field fixes the kind of the field. A record with a value of another kind may be
// lost.
type Kind uint32

const (
	kindUnknown   Kind = iota
	KindInteger        // number without a decimal point
	KindFloat          // number with a decimal point
	KindText           // text that the index does not take for a date
	KindDate           // text with a date, or date and time, in ISO 8601
	KindSlashDate      // text such as 2026/01/02 or 2026/01/02 03:04:05
	KindOddDate        // text that resembles a date, or a date that does not exist
)

func (k Kind) String() string {
	return [...]string{
		"no value", "an integer", "a float", "a string", "a date", "a date with slashes", "a string like a date",
	}[k]
}

// Errors about the number of keys. Each is reported at most once.
var (
	ErrManyFields = fmt.Errorf("handler: %d different fields were logged: an index of Graylog stores at most 1,000 "+
		"fields and rejects records with further ones: put what varies into values, not keys", manyFields)
	ErrKeysUnchecked = fmt.Errorf("handler: %d different keys were logged: values of further keys are not checked, "+
		"and Graylog may reject their records: put what varies into values, not keys", MaxFields)
)

// nameTaken reports that f cannot have a name because another field has it.
func nameTaken(f, owner *Field) report {
	problem := fmt.Sprintf("the key %v is stored as %s: use another key", owner, owner.Name())
	return report{key: f.String(), field: f.Name(), problem: problem}
}

// KindOf returns the kind of a JSON value.
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
