package handler

import (
	"fmt"

	"github.com/aimakerspace/synlogger/internal/field"
)

// A KeyError means that values of a key are stored in another field, or in another form,
// than other values of the key. OnError is called with it once for each key.
type KeyError struct {
	Key     string // quoted, after its groups: "db"."user"
	Field   string // name of the field in Graylog that contains the value
	Problem string // the problem and what to do about it
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("handler: attribute %s is stored as %s: %s", e.Key, e.Field, e.Problem)
}

// Errors about the number of keys, which OnError is called with once.
var (
	// ErrManyFields means that the records have more than 800 different fields. An
	// index of Graylog has room for 1,000.
	ErrManyFields = field.ErrManyFields
	// ErrKeysUnchecked means that more than 2,048 different keys were logged. The
	// handler does not check the kinds of values under further keys.
	ErrKeysUnchecked = field.ErrKeysUnchecked
)
