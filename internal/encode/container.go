package encode

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// A container writes a map, a slice, a struct or another composite value as JSON text.
// Graylog would store such a value as text anyway. Here its text is the same everywhere
// and is censored. The parts follow the rules of attributes: an error becomes its text, a
// duration becomes seconds. Types with a JSON method are left to [encoding/json].
type container struct {
	dst       []byte
	start     int // offset of the container in dst
	censor    *censor.Rules
	path      []string    // keys around the current value, for the censor
	ancestors []reference // references that lead to the current value
}

// A reference identifies a pointer, a map or a slice. Slices of the same array differ
// in their length.
type reference struct {
	pointer uintptr
	length  int
}

// tooDeep replaces a value that is nested too deep.
const tooDeep = "!ERROR: the value contains itself, or is nested too deep"

// value appends a value of any type.
func (c *container) value(v reflect.Value) {
	if c.full() {
		return
	}
	if !v.IsValid() {
		c.raw("null")
		return
	}
	if v.CanInterface() && c.appendKnown(v.Interface()) || c.appendKnownByPointer(v) {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		c.dst = strconv.AppendBool(c.dst, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		c.dst = jsontext.AppendInt(c.dst, v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		c.dst = jsontext.AppendUint(c.dst, v.Uint())
	case reflect.Float32, reflect.Float64:
		c.float(v.Float(), v.Type().Bits())
	case reflect.String:
		c.string(v.String())
	case reflect.Interface:
		c.value(v.Elem())
	case reflect.Pointer:
		if v.IsNil() {
			c.raw("null")
			return
		}
		c.follow(reference{v.Pointer(), 0}, func() { c.value(v.Elem()) })
	case reflect.Map:
		if v.IsNil() {
			c.raw("null")
			return
		}
		c.follow(reference{v.Pointer(), -1}, func() { c.mapping(v) })
	case reflect.Slice:
		if v.IsNil() {
			c.raw("null")
			return
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			c.string(bytesText(v.Bytes()))
			return
		}
		c.follow(reference{v.Pointer(), v.Len()}, func() { c.list(v) })
	case reflect.Array:
		c.list(v)
	case reflect.Struct:
		c.structure(v)
	case reflect.Complex64, reflect.Complex128:
		c.string(strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits()))
	default:
		c.marshaled(v.Interface())
	}
}

// full reports whether the container is longer than the text that is stored.
func (c *container) full() bool { return len(c.dst)-c.start > gelf.MaxField }

// appendKnownByPointer appends an addressable value whose pointer has the method
// LogValue, MarshalJSON or MarshalText, like [encoding/json].
func (c *container) appendKnownByPointer(v reflect.Value) bool {
	if !v.CanAddr() || !v.Addr().CanInterface() {
		return false
	}
	switch p := v.Addr().Interface().(type) {
	case slog.LogValuer:
		c.slogValue(resolve(c.censor, slog.AnyValue(p)))
	case json.Marshaler:
		c.marshaled(p)
	case encoding.TextMarshaler:
		c.string(marshalText(c.censor, p))
	default:
		return false
	}
	return true
}

// appendKnown appends a value whose type says more than its kind. It returns false for
// other values.
func (c *container) appendKnown(v any) bool {
	switch v := v.(type) {
	case slog.LogValuer:
		c.slogValue(resolve(c.censor, slog.AnyValue(v)))
	case slog.Value:
		c.slogValue(resolve(c.censor, v))
	case slog.Attr: // its String method would not censor
		c.slogValue(slog.GroupValue(v))
	case *slog.Value, *slog.Attr: // the element is one of the types above
		return false
	case time.Time:
		c.dst = jsontext.AppendTime(c.dst, v)
	case json.Number:
		c.number(v)
	case big.Int:
		c.raw(v.String())
	case time.Duration:
		c.dst = jsontext.AppendSeconds(c.dst, v)
	case *time.Duration:
		if v == nil {
			return false
		}
		c.dst = jsontext.AppendSeconds(c.dst, *v)
	case error:
		if nilPointer(v) {
			return false
		}
		c.string(v.Error())
	case json.Marshaler:
		if nilPointer(v) {
			return false
		}
		c.marshaled(v)
	case encoding.TextMarshaler:
		if nilPointer(v) {
			return false
		}
		c.string(marshalText(c.censor, v))
	case fmt.Stringer:
		if nilPointer(v) {
			return false
		}
		c.string(v.String())
	default:
		return false
	}
	return true
}

// slogValue appends a resolved value; a group becomes an object.
func (c *container) slogValue(v slog.Value) {
	if c.full() {
		return
	}
	if v.Kind() != slog.KindGroup {
		c.value(reflect.ValueOf(v.Any()))
		return
	}
	c.follow(reference{0, len(c.ancestors)}, func() { c.group(v.Group()) })
}

// group appends attributes as an object.
func (c *container) group(attrs []slog.Attr) {
	c.raw("{")
	for i, a := range attrs {
		if c.full() {
			return
		}
		c.member(i, a.Key, func() { c.slogValue(resolve(c.censor, a.Value)) })
	}
	c.raw("}")
}

// mapping appends a map as an object with sorted keys.
func (c *container) mapping(v reflect.Value) {
	type entry struct {
		key   string
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		entries = append(entries, entry{c.mapKey(it.Key()), it.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	c.raw("{")
	for i, e := range entries {
		if c.full() {
			return
		}
		c.member(i, e.key, func() { c.value(e.value) })
	}
	c.raw("}")
}

// member appends the i-th member of an object, censored if necessary.
func (c *container) member(i int, key string, value func()) {
	if i > 0 {
		c.raw(",")
	}
	c.string(key)
	c.raw(":")
	switch {
	case c.censor == nil:
		value()
	case c.censor.HidesKey(c.path, key):
		c.string(censor.Mark)
	default:
		c.path = append(c.path, key)
		value()
		c.path = c.path[:len(c.path)-1]
	}
}

// list appends a slice or an array.
func (c *container) list(v reflect.Value) {
	c.raw("[")
	for i := range v.Len() {
		if c.full() {
			return
		}
		if i > 0 {
			c.raw(",")
		}
		c.value(v.Index(i))
	}
	c.raw("]")
}

// follow calls write for the value behind a reference, unless the reference leads back
// to itself.
func (c *container) follow(ref reference, write func()) {
	if slices.Contains(c.ancestors, ref) || len(c.ancestors) >= field.MaxDepth {
		c.string(tooDeep)
		return
	}
	c.ancestors = append(c.ancestors, ref)
	write()
	c.ancestors = c.ancestors[:len(c.ancestors)-1]
}

// marshaled appends the JSON of a value, censored.
func (c *container) marshaled(v any) {
	text, err := jsontext.Marshal(v)
	if err != nil {
		c.string(failureText(c.censor, err))
		return
	}
	c.dst = c.censor.AppendJSON(c.dst, text, c.path)
}

// float appends a float, or its text if JSON cannot represent it.
func (c *container) float(f float64, bits int) {
	if jsontext.Finite(f) {
		c.dst = jsontext.AppendFloat(c.dst, f, bits)
		return
	}
	c.string(strconv.FormatFloat(f, 'g', -1, bits))
}

// number appends a [json.Number], or its text if it is not a number.
func (c *container) number(n json.Number) {
	if !isNumber(n) {
		c.string(n.String())
		return
	}
	c.raw(n.String())
}

// string appends a censored text as a JSON string.
func (c *container) string(s string) {
	c.dst = jsontext.AppendString(c.dst, jsontext.CutString(c.censor.Text(s), gelf.MaxField+1))
}

func (c *container) raw(s string) { c.dst = append(c.dst, s...) }

// mapKey returns the key of a map as text, by the rules of [encoding/json]. Other keys
// are written like values, because their parts may be censored.
func (c *container) mapKey(k reflect.Value) string {
	for k.Kind() == reflect.Interface && !k.IsNil() {
		k = k.Elem()
	}
	if k.Kind() == reflect.String {
		return k.String()
	}
	if k.CanInterface() {
		if tm, ok := k.Interface().(encoding.TextMarshaler); ok && !nilPointer(tm) {
			return marshalText(c.censor, tm)
		}
	}
	if c.censor == nil {
		return fmt.Sprint(k)
	}
	if kind := k.Kind(); kind == reflect.Struct || kind == reflect.Array || kind == reflect.Pointer {
		inner := container{censor: c.censor, path: c.path, ancestors: c.ancestors}
		inner.value(k)
		return string(inner.dst)
	}
	if k.CanInterface() { // package fmt would print the value of a panic in these methods
		switch k := k.Interface().(type) {
		case error:
			return k.Error()
		case fmt.Stringer:
			return k.String()
		}
	}
	return fmt.Sprint(k)
}

// nilPointer reports whether v is a nil pointer in an interface. Its methods would
// probably panic.
func nilPointer(v any) bool {
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}
