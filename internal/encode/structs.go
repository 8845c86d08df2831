package encode

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// A structField is a field of a struct as a member of a JSON object. Names, order and
// omissions follow [encoding/json].
type structField struct {
	name      string
	index     []int // see reflect.Value.FieldByIndex
	tagged    bool  // the name is from a tag
	omitEmpty bool
	omitZero  bool
	quoted    bool // the tag has the option string
}

var structFieldsCache sync.Map // of []structField by reflect.Type

func structFieldsOf(t reflect.Type) []structField {
	if fields, ok := structFieldsCache.Load(t); ok {
		return fields.([]structField)
	}
	fields, _ := structFieldsCache.LoadOrStore(t, findStructFields(t))
	return fields.([]structField)
}

// findStructFields collects the fields of a struct and of the structs embedded in it,
// level by level. Of several fields with the same name, the outermost is used. If there
// are several on its level, the one with a tag is used, provided that exactly one has a
// tag. Otherwise they are all omitted.
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
					name:      name,
					index:     index,
					tagged:    name != "",
					omitEmpty: has("omitempty"),
					omitZero:  has("omitzero"),
					quoted:    has("string") && isScalar(typ.Kind()),
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

// dominant reports whether f is used among all fields with its name.
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

// isScalar reports whether the option string of a tag applies to a kind.
func isScalar(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String
}

// structure appends a struct as an object.
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

// fieldByIndex returns a field of a struct, or false if it is behind a nil embedded
// pointer.
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

// isEmpty reports whether the option omitempty omits a value.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isZero reports whether the option omitzero omits a value.
func isZero(v reflect.Value) bool {
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok && !(v.Kind() == reflect.Pointer && v.IsNil()) {
		return z.IsZero()
	}
	return v.IsZero()
}
