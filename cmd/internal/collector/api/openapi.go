package api

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An object is a JSON object.
type object = map[string]any

func (a *API) serveOpenAPI(w http.ResponseWriter, _ *http.Request, _ params) error {
	return writeJSON(w, http.StatusOK, describe(a.table()))
}

// describe returns the OpenAPI description of the endpoints.
func describe(routes []endpoint) object {
	d := describer{schemas: object{}}
	paths := object{}
	for _, rt := range routes {
		paths[rt.path] = object{strings.ToLower(rt.httpMethod()): d.operation(rt)}
	}
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title":       "synlogger collector",
			"version":     "1",
			"description": "Records of a Synergos grid on one machine: search, charts, live tail and export.",
		},
		"security": []any{object{}, object{"token": []string{}}},
		"paths":    paths,
		"components": object{
			"schemas":         d.schemas,
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}},
		},
	}
}

// A describer collects the schemas of named types.
type describer struct{ schemas object }

func (d *describer) operation(rt endpoint) object {
	fails := object{
		"description": "what is wrong",
		"content":     object{"application/json": object{"schema": d.schema(reflect.TypeFor[errorAnswer]())}},
	}
	responses := object{}
	for _, status := range append([]int{400, 401, 403, 405, 500}, rt.also...) {
		responses[strconv.Itoa(status)] = fails
	}
	if strings.HasPrefix(rt.path, "/api/") {
		responses["403"] = object{
			"description": "a browser asks for a page of another site, or for a host name that is not this machine's",
			"content":     fails["content"],
		}
	}
	if rt.limit != "" {
		responses["429"], responses["503"] = fails, fails
	}
	if rt.timeout > 0 {
		responses["504"] = fails
	}
	ok := object{"description": "the answer"}
	switch {
	case rt.path == "/api/export":
		text := object{"schema": object{"type": "string"}}
		ok["content"] = object{rt.kind: text, "text/csv": text}
	case rt.kind != "":
		ok["content"] = object{rt.kind: object{"schema": object{"type": "string"}}}
	default:
		ok["content"] = object{"application/json": object{"schema": d.schema(reflect.TypeOf(rt.answer))}}
	}
	responses["200"] = ok
	if rt.path == "/api/wait" {
		responses["504"] = object{"description": "fewer records match", "content": ok["content"]}
	}
	op := object{
		"summary": rt.summary,
		"operationId": strings.Trim(strings.NewReplacer("/api", "", "/", "_", "{", "", "}", "", ".", "_").Replace(rt.path),
			"_"),
		"responses": responses,
	}
	parameters := []object{}
	for _, p := range rt.params {
		parameters = append(parameters, p.describe())
	}
	if rt.body != nil {
		schema := object{
			"type":                 "object",
			"properties":           object{"confirm": object{"type": "string", "enum": []string{"clear"}}},
			"required":             []string{"confirm"},
			"additionalProperties": false,
		}
		op["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": schema}}}
		parameters = append(parameters,
			object{"name": "X-Requested-By", "in": "header", "required": true, "description": "Anything: a page of another " +
				"site cannot send it.",
				"schema": object{"type": "string", "minLength": 1}})
	}
	op["parameters"] = parameters
	return op
}

func (p param) describe() object {
	schema := object{"type": "string"}
	switch {
	case p.kind == "integer":
		schema = object{"type": "integer", "minimum": p.min, "maximum": p.max}
	case p.oneOf != nil:
		schema["enum"] = p.oneOf
	case p.kind == "string":
		schema["maxLength"] = p.maxLength()
	}
	switch v := p.byDefault.(type) {
	case nil:
	case time.Duration:
		schema["default"] = v.String()
	default:
		schema["default"] = v
	}
	in := "query"
	if p.path {
		in = "path"
	}
	d := object{"name": p.name, "in": in, "required": p.required, "description": p.text, "schema": schema}
	if p.example != nil {
		d["example"] = p.example
	}
	return d
}

// schema returns the schema of a type as encoding/json encodes it.
func (d *describer) schema(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := d.schema(t.Elem())
		return object{"anyOf": []object{inner, {"type": "null"}}}
	case reflect.Slice:
		return object{"type": []string{"array", "null"}, "items": d.schema(t.Elem())}
	case reflect.Map:
		return object{"type": []string{"object", "null"}, "additionalProperties": d.schema(t.Elem())}
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Interface:
		return object{}
	case reflect.Struct:
		if _, known := d.schemas[t.Name()]; !known {
			d.schemas[t.Name()] = object{} // the type may contain itself
			d.schemas[t.Name()] = d.structure(t)
		}
		return object{"$ref": "#/components/schemas/" + t.Name()}
	}
	return object{"type": "integer"}
}

func (d *describer) structure(t reflect.Type) object {
	properties, required := object{}, []string{}
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
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
