package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// An object is a JSON object.
type object = map[string]any

// Every path is described, and its answers match their description.
func TestOpenAPI(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "one"),
		`{"version":"1.1","host":"h","short_message":"two","full_message":"x","_ok":true,"_n":1.5}`, "nonsense")
	collectortest.Await(t, c, search.Query{}, 2)
	var d object
	collectortest.GetJSON(t, c, "/api/openapi.json", &d)
	targets := map[string]string{
		"/api/search":               "?q=one",
		"/api/records/{id}":         "/api/records/2",
		"/api/records/{id}/details": "/api/records/2/details",
		"/api/records/{id}/gelf":    "/api/records/2/gelf",
		"/api/wait":                 "?n=2", "/api/histogram": "", "/api/facets": "?fields=logger,n",
		"/api/aggregate":      "?rows=timestamp&columns=logger&series=count(),avg(n)",
		"/api/dashboard":      "",
		"/api/dashboard/data": "?tab=ttp",
		"/api/streams":        "",
		"/api/stats":          "",
		"/healthz":            "", "/api/openapi.json": "",
	}
	for _, rt := range api.Endpoints() {
		op, _ := at(d, "paths", rt.Path, strings.ToLower(rt.Method)).(object)
		if op == nil {
			t.Errorf("%s is not described", rt.Path)
			continue
		}
		for _, p := range rt.Params {
			if !slices.ContainsFunc(op["parameters"].([]any),
				func(x any) bool { return x.(object)["name"] == p && x.(object)["description"] != "" }) {
				t.Errorf("%s: the parameter %s is not described", rt.Path, p)
			}
		}
		target, ok := targets[rt.Path]
		if !ok {
			continue
		}
		if !strings.HasPrefix(target, "/") {
			target = rt.Path + target
		}
		var answer any
		collectortest.GetJSON(t, c, target, &answer)
		conforms(t, d, target, at(op, "responses", "200", "content", "application/json", "schema").(object), answer)
		status, body := collectortest.Get(t, c, strings.Split(target, "?")[0]+"?nosuch=1")
		var wrong any
		if err := json.Unmarshal([]byte(body), &wrong); err != nil || status != 400 {
			t.Errorf("%s: status %d for a bad parameter, %v", rt.Path, status, err)
		}
		conforms(t, d, target, at(op, "responses", "400", "content", "application/json", "schema").(object), wrong)
	}
}

func at(v any, path ...string) any {
	for _, name := range path {
		v, _ = v.(object)[name]
	}
	return v
}

// conforms checks a value against a schema, as far as describer uses schemas.
func conforms(t testing.TB, d object, where string, schema object, v any) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		conforms(t, d, where, at(d, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...).(object), v)
		return
	}
	if any, ok := schema["anyOf"].([]any); ok {
		if v != nil {
			conforms(t, d, where, any[0].(object), v)
		}
		return
	}
	if len(schema) == 0 { // anything is allowed
		return
	}
	kind := "null"
	switch v := v.(type) {
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case float64:
		if kind = "number"; v == float64(int64(v)) && schema["type"] == "integer" {
			kind = "integer"
		}
	case []any:
		kind = "array"
		for i, x := range v {
			if items, ok := schema["items"].(object); ok {
				conforms(t, d, fmt.Sprint(where, "/", i), items, x)
			}
		}
	case object:
		kind = "object"
		properties, _ := schema["properties"].(object)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				t.Errorf("%s has no %s", where, name)
			}
		}
		for name, x := range v {
			inner, ok := properties[name].(object)
			if !ok {
				if inner, ok = schema["additionalProperties"].(object); !ok {
					t.Errorf("%s has %s, which is not described", where, name)
					continue
				}
			}
			conforms(t, d, where+"/"+name, inner, x)
		}
	}
	switch want := schema["type"].(type) {
	case nil:
	case string:
		if kind != want {
			t.Errorf("%s is %s, want %s", where, kind, want)
		}
	case []any:
		if !slices.Contains(want, any(kind)) {
			t.Errorf("%s is %s, want %v", where, kind, want)
		}
	}
}
