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

// A container writes a map, a slice, a struct or another value with parts as one
// JSON text. Graylog stores such a value as text anyway; made here it is the
// same text everywhere, and nothing in it escapes the censor. Its parts follow
// the rules of attributes: an error is its text, a duration its seconds. Types
// with a method for their JSON are left to [encoding/json].
type container struct {
	dst    []byte
	start  int // of the container in dst
	censor *censor.Rules
	path   []string // the keys around the value at hand, for the censor
	above  []visit  // the references that lead to the value at hand
}

// A visit tells one reference from another. Slices of one array differ in
// their length.
type visit struct {
	pointer uintptr
	length  int
}

// tooDeep replaces what is nested deeper.
const tooDeep = "!ERROR: the value contains itself, or is nested too deep"

func (c *container) value(v reflect.Value) {
	if c.full() {
		return
	}
	if !v.IsValid() {
		c.raw("null")
		return
	}
	if v.CanInterface() && c.known(v.Interface()) || c.knownByPointer(v) {
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		c.dst = strconv.AppendBool(c.dst, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		c.dst = strconv.AppendInt(c.dst, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		c.dst = strconv.AppendUint(c.dst, v.Uint(), 10)
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
		c.under(visit{v.Pointer(), 0}, func() { c.value(v.Elem()) })
	case reflect.Map:
		if v.IsNil() {
			c.raw("null")
			return
		}
		c.under(visit{v.Pointer(), -1}, func() { c.mapping(v) })
	case reflect.Slice:
		if v.IsNil() {
			c.raw("null")
			return
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			c.string(bytesText(v.Bytes()))
			return
		}
		c.under(visit{v.Pointer(), v.Len()}, func() { c.list(v) })
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

// full reports whether the container is longer than what is stored of it.
func (c *container) full() bool { return len(c.dst)-c.start > gelf.MaxField }

// knownByPointer writes a value that can be addressed and whose pointer has a
// method LogValue, or one for JSON or text, as [encoding/json] does.
func (c *container) knownByPointer(v reflect.Value) bool {
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

// known writes the values that are more than their kind says. It reports
// whether v is one.
func (c *container) known(v any) bool {
	switch v := v.(type) {
	case slog.LogValuer:
		c.slogValue(resolve(c.censor, slog.AnyValue(v)))
	case slog.Value:
		c.slogValue(resolve(c.censor, v))
	case slog.Attr: // whose own text knows no censor
		c.slogValue(slog.GroupValue(v))
	case *slog.Value, *slog.Attr: // what they point to is one of the above
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

func (c *container) slogValue(v slog.Value) {
	if c.full() {
		return
	}
	if v.Kind() != slog.KindGroup {
		c.value(reflect.ValueOf(v.Any()))
		return
	}
	c.under(visit{0, len(c.above)}, func() { c.group(v.Group()) })
}

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

// under writes what is behind a reference, unless the reference leads back to
// itself.
func (c *container) under(ref visit, write func()) {
	if slices.Contains(c.above, ref) || len(c.above) >= field.MaxDepth {
		c.string(tooDeep)
		return
	}
	c.above = append(c.above, ref)
	write()
	c.above = c.above[:len(c.above)-1]
}

func (c *container) marshaled(v any) {
	text, err := jsontext.Marshal(v)
	if err != nil {
		c.string(failed(c.censor, err))
		return
	}
	c.dst = c.censor.AppendJSON(c.dst, text, c.path)
}

func (c *container) float(f float64, bits int) {
	if jsontext.Finite(f) {
		c.dst = jsontext.AppendFloat(c.dst, f, bits)
		return
	}
	c.string(strconv.FormatFloat(f, 'g', -1, bits))
}

// number writes a number that is a text of JSON.
func (c *container) number(n json.Number) {
	if !isNumber(n) {
		c.string(n.String())
		return
	}
	c.raw(n.String())
}

func (c *container) string(s string) {
	c.dst = jsontext.AppendString(c.dst, jsontext.CutString(c.censor.Text(s), gelf.MaxField+1))
}

func (c *container) raw(s string) { c.dst = append(c.dst, s...) }

// mapKey returns a map's key as text, by the rules of [encoding/json]. Keys that
// those have no text for are written as values are, because their parts may be
// censored.
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
		inner := container{censor: c.censor, path: c.path, above: c.above}
		inner.value(k)
		return string(inner.dst)
	}
	if k.CanInterface() { // package fmt would show what a panic of these methods says
		switch k := k.Interface().(type) {
		case error:
			return k.Error()
		case fmt.Stringer:
			return k.String()
		}
	}
	return fmt.Sprint(k)
}

// nilPointer reports whether v is a nil pointer in an interface, whose methods
// most likely panic.
func nilPointer(v any) bool {
	rv := reflect.ValueOf(v)
	return rv.Kind() == reflect.Pointer && rv.IsNil()
}
