package encode

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// value appends the value of the current member, whose name begins at this offset of
// buf. It returns false if Graylog does not store the value: a null, a blank text, or a
// number that exceeds an int64 or a float32. The text of such a number is left in
// e.unstored.
func (e *Frame) value(name int, v slog.Value) bool {
	switch v.Kind() {
	case slog.KindString:
		return e.text(name, v.String())
	case slog.KindInt64:
		e.buf = jsontext.AppendInt(e.buf, v.Int64())
	case slog.KindUint64:
		return e.unsigned(v.Uint64())
	case slog.KindFloat64:
		return e.float(v.Float64(), 64)
	case slog.KindBool:
		e.buf = jsontext.AppendBool(e.buf, v.Bool())
	case slog.KindDuration:
		e.buf = jsontext.AppendSeconds(e.buf, v.Duration())
	case slog.KindTime:
		return e.time(v.Time())
	case slog.KindGroup: // from a converter
		return e.any(name, v)
	default:
		return e.any(name, v.Any())
	}
	return true
}

// grouped appends a group as JSON text.
func (e *Frame) grouped(name int, v slog.Value) bool {
	c := e.container()
	c.slogValue(v)
	return e.json(name, c.dst)
}

// container returns a container for the value of the current attribute.
func (e *Frame) container() container {
	c := container{censor: e.Censor}
	if e.Censor != nil {
		c.path = append(slices.Clip(e.groups), e.key)
	}
	return c
}

// text appends a text, censored.
func (e *Frame) text(name int, s string) bool {
	return e.visibleText(name, e.Censor.Text(s))
}

// visibleText appends a text that is already censored.
func (e *Frame) visibleText(name int, s string) bool {
	if jsontext.Blank(s) {
		return false
	}
	e.buf = jsontext.AppendString(e.buf, e.cut(name, s))
	return true
}

func (e *Frame) unsigned(u uint64) bool {
	if u > math.MaxInt64 {
		e.unstored = strconv.FormatUint(u, 10)
		return false
	}
	e.buf = jsontext.AppendUint(e.buf, u)
	return true
}

func (e *Frame) float(f float64, bits int) bool {
	if !jsontext.Storable(f) {
		e.unstored = strconv.FormatFloat(f, 'g', -1, bits)
		return false
	}
	e.buf = jsontext.AppendFloat(e.buf, f, bits)
	return true
}

func (e *Frame) time(t time.Time) bool {
	if !field.Indexed(t) {
		e.unstored = t.Format(time.RFC3339Nano)
		return false
	}
	e.buf = jsontext.AppendTime(e.buf, t)
	return true
}

// any appends a value of [slog.KindAny]. If one of its methods panics, the text of the
// panic is appended.
func (e *Frame) any(name int, v any) (ok bool) {
	start := len(e.buf)
	defer func() {
		if r := recover(); r != nil {
			e.buf = e.buf[:start]
			ok = e.text(name, panicText(e.Censor, r))
		}
	}()
	switch v := v.(type) {
	case nil:
		return false
	case []byte:
		return e.text(name, bytesText(v))
	case json.Number:
		if isNumber(v) {
			return e.number(v.String())
		}
		return e.text(name, v.String())
	case *time.Time:
		return v != nil && e.time(*v)
	case *big.Int:
		if v == nil {
			return false
		}
		return e.bigInt(v)
	case *time.Duration:
		if v == nil {
			return false
		}
		e.buf = jsontext.AppendSeconds(e.buf, *v)
		return true
	case slog.Value:
		return e.grouped(name, v)
	case slog.Attr: // its String method would not censor
		return e.grouped(name, slog.GroupValue(v))
	case *slog.Value:
		return v != nil && e.grouped(name, *v)
	case *slog.Attr:
		return v != nil && e.grouped(name, slog.GroupValue(*v))
	case big.Int:
		return e.bigInt(&v)
	}
	if nilPointer(v) {
		return false
	}
	switch v := v.(type) {
	case error:
		e.addDetail(name, v)
		return e.text(name, v.Error())
	case json.Marshaler:
		return e.marshaled(name, v)
	case encoding.TextMarshaler:
		return e.text(name, marshalText(e.Censor, v))
	case fmt.Stringer:
		return e.text(name, v.String())
	}
	return e.reflected(name, reflect.ValueOf(v))
}

// reflected appends a value by its kind.
func (e *Frame) reflected(name int, v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return false
		}
		if kind := v.Elem().Kind(); kind != reflect.Struct && kind != reflect.Pointer && kind != reflect.Interface {
			return e.reflected(name, v.Elem())
		}
	case reflect.Bool:
		e.buf = jsontext.AppendBool(e.buf, v.Bool())
		return true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.buf = jsontext.AppendInt(e.buf, v.Int())
		return true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return e.unsigned(v.Uint())
	case reflect.Float32, reflect.Float64:
		return e.float(v.Float(), v.Type().Bits())
	case reflect.String:
		return e.text(name, v.String())
	case reflect.Complex64, reflect.Complex128:
		return e.text(name, strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits()))
	}
	c := e.container()
	c.value(v)
	return e.json(name, c.dst)
}

// marshaled appends the JSON of a value, censored.
func (e *Frame) marshaled(name int, v json.Marshaler) bool {
	text, err := jsontext.Marshal(v)
	if err != nil {
		return e.text(name, failureText(e.Censor, err))
	}
	return e.json(name, e.Censor.AppendJSON(nil, text, e.container().path))
}

// json appends a JSON value: an object or array as its text, a scalar as an attribute
// of its kind.
func (e *Frame) json(name int, text []byte) bool {
	switch text[0] {
	case 'n':
		return false
	case '"':
		var s string
		if json.Unmarshal(text, &s) != nil {
			s = string(text)
		}
		return e.visibleText(name, s)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return e.number(string(text))
	}
	return e.visibleText(name, string(text))
}

// bytesText returns bytes as text, or in Base64 if they are not UTF-8.
func bytesText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return base64.StdEncoding.EncodeToString(b[:min(len(b), gelf.MaxField)]) // the rest would be cut
}

// isNumber reports whether n is a JSON number.
func isNumber(n json.Number) bool {
	s := n.String()
	return s != "" && (s[0] == '-' || '0' <= s[0] && s[0] <= '9') && json.Valid([]byte(s))
}

// number appends a JSON number.
func (e *Frame) number(text string) bool {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		e.buf = jsontext.AppendInt(e.buf, i)
		return true
	}
	if i, ok := new(big.Int).SetString(text, 10); ok {
		return e.bigInt(i)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return e.float(f, 64)
	}
	e.unstored = text
	return false
}

func (e *Frame) bigInt(i *big.Int) bool {
	if !i.IsInt64() {
		e.unstored = i.String()
		return false
	}
	e.buf = jsontext.AppendInt(e.buf, i.Int64())
	return true
}
