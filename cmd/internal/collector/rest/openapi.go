package rest

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Object is a JSON object.
type Object = map[string]any

// Describe returns the OpenAPI description of endpoints.
func Describe(routes []Endpoint) Object {
	d := describer{schemas: Object{}}
	paths := Object{}
	for _, e := range routes {
		paths[e.Path] = Object{strings.ToLower(e.HTTPMethod()): d.operation(e)}
	}
	return Object{
		"openapi": "3.1.0",
		"info": Object{
			"title":       "synlogger collector",
			"version":     "1",
			"description": "Records of a Synergos grid on one machine: search, charts, live tail and export.",
		},
		"security": []any{Object{}, Object{"token": []string{}}},
		"paths":    paths,
		"components": Object{
			"schemas":         d.schemas,
			"securitySchemes": Object{"token": Object{"type": "http", "scheme": "bearer"}},
		},
	}
}

// A describer collects the schemas of named types.
type describer struct{ schemas Object }

func (d *describer) operation(e Endpoint) Object {
	fails := Object{
		"description": "what is wrong",
		"content":     Object{"application/json": Object{"schema": d.schema(reflect.TypeFor[errorAnswer]())}},
	}
	responses := Object{}
	for _, status := range append([]int{400, 401, 403, 405, 500}, e.Also...) {
		responses[strconv.Itoa(status)] = fails
	}
	if strings.HasPrefix(e.Path, "/api/") {
		responses["403"] = Object{
			"description": "a browser asks for a page of another site, or for a host name that is not this machine's",
			"content":     fails["content"],
		}
	}
	if e.Limit != "" {
		responses["429"], responses["503"] = fails, fails
	}
	if e.Timeout > 0 {
		responses["504"] = fails
	}
	ok := Object{"description": "the answer"}
	switch {
	case e.AltKind != "":
		text := Object{"schema": Object{"type": "string"}}
		ok["content"] = Object{e.Kind: text, e.AltKind: text}
	case e.Kind != "":
		ok["content"] = Object{e.Kind: Object{"schema": Object{"type": "string"}}}
	default:
		ok["content"] = Object{"application/json": Object{"schema": d.schema(reflect.TypeOf(e.Answer))}}
	}
	responses["200"] = ok
	if e.Late != "" {
		responses["504"] = Object{"description": e.Late, "content": ok["content"]}
	}
	id := strings.NewReplacer("/api", "", "/", "_", "{", "", "}", "", ".", "_").Replace(e.Path)
	op := Object{"summary": e.Summary, "operationId": strings.Trim(id, "_"), "responses": responses}
	parameters := []Object{}
	for _, p := range e.Params {
		parameters = append(parameters, p.describe())
	}
	if e.Body != nil {
		op["requestBody"] = Object{"required": true, "content": Object{"application/json": Object{"schema": e.Body}}}
		parameters = append(parameters, Object{
			"name":        "X-Requested-By",
			"in":          "header",
			"required":    true,
			"description": "Any value: a page of another site cannot send the header.",
			"schema":      Object{"type": "string", "minLength": 1},
		})
	}
	op["parameters"] = parameters
	return op
}

func (p Param) describe() Object {
	schema := Object{"type": "string"}
	switch {
	case p.Kind == "integer":
		schema = Object{"type": "integer", "minimum": p.Min, "maximum": p.Max}
	case p.OneOf != nil:
		schema["enum"] = p.OneOf
	case p.Kind == "string":
		schema["maxLength"] = p.maxLength()
	}
	switch v := p.ByDefault.(type) {
	case nil:
	case time.Duration:
		schema["default"] = v.String()
	default:
		schema["default"] = v
	}
	in := "query"
	if p.Path {
		in = "path"
	}
	d := Object{"name": p.Name, "in": in, "required": p.Required, "description": p.Text, "schema": schema}
	if p.Example != nil {
		d["example"] = p.Example
	}
	return d
}

// schema returns the schema of a type as encoding/json encodes it.
func (d *describer) schema(t reflect.Type) Object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return Object{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := d.schema(t.Elem())
		return Object{"anyOf": []Object{inner, {"type": "null"}}}
	case reflect.Slice:
		return Object{"type": []string{"array", "null"}, "items": d.schema(t.Elem())}
	case reflect.Map:
		return Object{"type": []string{"object", "null"}, "additionalProperties": d.schema(t.Elem())}
	case reflect.String:
		return Object{"type": "string"}
	case reflect.Bool:
		return Object{"type": "boolean"}
	case reflect.Float64:
		return Object{"type": "number"}
	case reflect.Interface:
		return Object{}
	case reflect.Struct:
		if _, known := d.schemas[t.Name()]; !known {
			d.schemas[t.Name()] = Object{} // the type may contain itself
			d.schemas[t.Name()] = d.structure(t)
		}
		return Object{"$ref": "#/components/schemas/" + t.Name()}
	}
	return Object{"type": "integer"}
}

func (d *describer) structure(t reflect.Type) Object {
	properties, required := Object{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || !f.IsExported() {
			continue
		}
		properties[name] = d.schema(f.Type)
		if options != "omitempty" {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	return Object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
