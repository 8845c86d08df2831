package facts

import (
	"fmt"
	"slices"
	"testing"

	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
)

const pack = `{
	"name": "n", "rev": 2, "description": "",
	"entities": [
		{
			"type": {"name": "stream"}, "id": "1",
			"constraints": [{"type": "server-version", "version": ">=4.0.0"}],
			"data": {
				"title": {"@type": "string", "@value": "S"},
				"stream_rules": [{"type": {"@type": "string", "@value": "CONTAINS"}, "field": "logger", "value": "A_"}]
			}
		},
		{
			"type": {"name": "input"}, "id": "2",
			"data": {"title": "I", "configuration": {"port": {"@type": "integer", "@value": 9300}, "empty": ""}}
		}
	]
}`

func TestPack(t *testing.T) {
	f, err := Pack([]byte(pack))
	if err != nil {
		t.Fatal(err)
	}
	want := Facts{
		"pack: name":                          "n",
		"pack: rev":                           "2",
		"stream S: constraint server-version": ">=4.0.0",
		"stream S: title":                     "S",
		"stream S: rules":                     "1",
		"stream S: rule 1 type":               "CONTAINS",
		"stream S: rule 1 field":              "logger",
		"stream S: rule 1 value":              "A_",
		"input I: title":                      "I",
		"input I: port":                       "9300",
	}
	if names := Differing(f, want); len(names) > 0 {
		t.Errorf("%q differ in %v, want %v", names, f, want)
	}
	live := f.Live()
	if len(live) != len(want)-3 || live["input I: port"] != "9300" {
		t.Errorf("Live() = %v", live)
	}
	if _, err := Pack([]byte("[]")); err == nil {
		t.Error("no error for another JSON")
	}
}

func TestDiffering(t *testing.T) {
	have := Facts{"a": "1", "b": "2", "c": "3", "e: streams": "S"}
	want := Facts{"b": "2", "c": "4", "d": "5", "e: streams": "S", "widget W: search pivot streams": "S"}
	if got := Differing(have, want); !slices.Equal(got, []string{"a", "c", "d"}) {
		t.Errorf("Differing() = %q", got)
	}
	if got := Missing(have, want); !slices.Equal(got, []string{"c", "d"}) {
		t.Errorf("Missing() = %q", got)
	}
}

// TestGroups checks that a chart has the same facts in the forms of all versions.
func TestGroups(t *testing.T) {
	const dashboard = `{"entities": [{"type": {"name": "dashboard"}, "data": {"title": "D",
		"search": {"queries": [{"id": "q", "search_types": [{"id": "s", "type": "pivot", %s}]}]},
		"state": {"q": {
			"titles": {"tab": {"title": "T"}, "widget": {"w": "W"}},
			"widgets": [{"id": "w", "config": {%s}}],
			"widget_mapping": {"w": ["s"]},
			"positions": {"w": {"col": 1, "row": 1, "width": 4, "height": 4}}
		}}
	}}]}`
	read := func(search, widget string) Facts {
		f, err := Pack(fmt.Appendf(nil, dashboard, search, widget))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	want := read(
		`"row_groups": [{"type": "time", "field": "timestamp"}],
			"column_groups": [{"type": "values", "field": "logger", "limit": 15}]`,
		`"row_pivots": [{"type": "time", "field": "timestamp", "config": {}}],
			"column_pivots": [{"type": "values", "field": "logger", "config": {"limit": 15}}]`,
	)
	if want["widget W: search pivot column_groups 1 limit"] != "15" ||
		want["widget W: config column_pivots 1 config limit"] != "15" {
		t.Fatalf("the facts lack a limit: %v", want)
	}
	for name, have := range map[string]Facts{
		"5.0.0": read(
			`"row_groups": [{"type": "time", "field": "timestamp"}], "row_limit": null,
				"column_groups": [{"type": "values", "field": "logger"}], "column_limit": 15`,
			`"row_pivots": [{"type": "time", "field": "timestamp", "config": {}}], "row_limit": null,
				"column_pivots": [{"type": "values", "field": "logger", "config": {}}], "column_limit": 15`,
		),
		"7.0.1": read(
			`"row_groups": [{"type": "time", "fields": ["timestamp"]}],
				"column_groups": [{"type": "values", "fields": ["logger"], "limit": 15}]`,
			`"row_pivots": [{"type": "time", "fields": ["timestamp"], "config": {}}],
				"column_pivots": [{"type": "values", "fields": ["logger"], "config": {"limit": 15}}]`,
		),
	} {
		if names := Missing(have, want); len(names) > 0 {
			t.Errorf("%s: %q differ in %v, want %v", name, names, have, want)
		}
	}
	other := read(`"column_groups": [{"type": "values", "field": "logger"}], "column_limit": 9`, ``)
	if names := Missing(other, want); !slices.Contains(names, "widget W: search pivot column_groups 1 limit") {
		t.Errorf("another limit is no difference: %q", names)
	}
}
