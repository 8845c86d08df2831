package facts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// An Object is a decoded JSON object.
type Object = map[string]any

// readJSON decodes one JSON object. Numbers keep their form.
func readJSON(raw []byte) (o Object, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err = dec.Decode(&o)
	return o, err
}

// text formats a JSON value: "" for null, the elements of an array with commas.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		var texts []string
		for _, item := range v {
			texts = append(texts, text(item))
		}
		return strings.Join(texts, ", ")
	case Object:
		if q, ok := v["query_string"]; ok {
			return text(q)
		}
		if v["type"] == "relative" {
			return fmt.Sprintf("the last %v s", v["range"])
		}
		return ""
	}
	return fmt.Sprint(v)
}

// plain replaces {"@type": …, "@value": …} with the value, at any depth.
func plain(v any) any {
	switch v := v.(type) {
	case Object:
		if constant, ok := v["@value"]; ok {
			return constant
		}
		out := Object{}
		for key, member := range v {
			out[key] = plain(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	}
	return v
}

// member returns the value at a path of keys, nil without such a member.
func member(v any, path ...string) any {
	for _, key := range path {
		v = object(v)[key]
	}
	return v
}

// object returns v as an object, nil if it is something else.
func object(v any) Object {
	o, _ := v.(Object)
	return o
}

// items returns v as an array, nil if it is something else.
func items(v any) []any {
	list, _ := v.([]any)
	return list
}

// list returns the objects of an array.
func list(v any) (out []Object) {
	for _, item := range items(v) {
		if o, ok := item.(Object); ok {
			out = append(out, o)
		}
	}
	return out
}
