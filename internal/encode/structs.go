package encode

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// A structField is a field of a struct as a member of its JSON. Names, order
// and omissions are those of [encoding/json].
type structField struct {
	name      string
	index     []int // as of [reflect.Value.FieldByIndex]
	tagged    bool  // the name is from a tag
	omitEmpty bool
	omitZero  bool
	quoted    bool // the option string of the tag
}

var structFieldsCache sync.Map // of []structField by reflect.Type

func structFieldsOf(t reflect.Type) []structField {
	if fields, ok := structFieldsCache.Load(t); ok {
		return fields.([]structField)
	}
	fields, _ := structFieldsCache.LoadOrStore(t, findStructFields(t))
	return fields.([]structField)
}

// findStructFields collects the fields of a struct and of the structs embedded
// in it, level by level. Of several with one name, the outermost counts, and
// among those of one level the only one with a tag; otherwise none does.
func findStructFields(t reflect.Type) []structField {
	type embedded struct {
		typ   reflect.Type
		index []int
	}
	var all []structField
	visited := make(map[reflect.Type]bool)
	for level := []embedded{{typ: t}}; len(level) > 0; {
		var next []embedded
		for _, s := range level {
			for i := range s.typ.NumField() {
				f := s.typ.Field(i)
				typ := f.Type
				if typ.Kind() == reflect.Pointer && typ.Name() == "" {
					typ = typ.Elem()
				}
				isStruct := typ.Kind() == reflect.Struct
				tag := f.Tag.Get("json")
				if tag == "-" || !f.IsExported() && !(f.Anonymous && isStruct) {
					continue
				}
				name, options, _ := strings.Cut(tag, ",")
				index := append(slices.Clip(s.index), i)
				if f.Anonymous && isStruct && name == "" {
					if !visited[typ] {
						next = append(next, embedded{typ, index})
					}
					continue
				}
				if !f.IsExported() {
					continue
				}
				has := func(option string) bool { return slices.Contains(strings.Split(options, ","), option) }
				field := structField{
					name: name, index: index, tagged: name != "", omitEmpty: has("omitempty"), omitZero: has("omitzero"),
					quoted: has("string") && isScalar(typ.Kind()),
				}
				if name == "" {
					field.name = f.Name
				}
				all = append(all, field)
			}
		}
		for _, s := range level {
			visited[s.typ] = true
		}
		level = next
	}
	slices.SortFunc(all, func(a, b structField) int { return slices.Compare(a.index, b.index) })
	var fields []structField
	for _, f := range all {
		if dominant(f, all) {
			fields = append(fields, f)
		}
	}
	return fields
}

// dominant reports whether f is the one that counts of all with its name.
func dominant(f structField, all []structField) bool {
	rivals, tagged := 0, 0
	for _, g := range all {
		switch {
		case g.name != f.name || len(g.index) > len(f.index):
		case len(g.index) < len(f.index):
			return false
		case g.tagged:
			tagged++
			fallthrough
		default:
			rivals++
		}
	}
	return rivals == 1 || tagged == 1 && f.tagged
}

func isScalar(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String
}

// structure writes a struct. Its fields follow the rules of attributes, so an
// error in it is its text.
func (c *container) structure(v reflect.Value) {
	c.raw("{")
	n := 0
	for _, f := range structFieldsOf(v.Type()) {
		value, ok := fieldByIndex(v, f.index)
		if !ok || f.omitEmpty && isEmpty(value) || f.omitZero && isZero(value) {
			continue
		}
		c.member(n, f.name, func() {
			start := len(c.dst)
			c.value(value)
			if f.quoted && !(value.Kind() == reflect.Pointer && value.IsNil()) {
				c.dst = jsontext.AppendString(c.dst[:start], string(c.dst[start:]))
			}
		})
		n++
	}
	c.raw("}")
}

// fieldByIndex returns a field of a struct, false if it is behind an embedded
// pointer that is nil.
func fieldByIndex(v reflect.Value, index []int) (reflect.Value, bool) {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

// isEmpty is what the option omitempty leaves out.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isZero is what the option omitzero leaves out.
func isZero(v reflect.Value) bool {
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok && !(v.Kind() == reflect.Pointer && v.IsNil()) {
		return z.IsZero()
	}
	return v.IsZero()
}
