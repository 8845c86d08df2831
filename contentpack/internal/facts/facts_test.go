package facts

import (
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
		"stream S: rules":                     "1",
		"stream S: rule 1 type":               "CONTAINS",
		"stream S: rule 1 field":              "logger",
		"stream S: rule 1 value":              "A_",
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
	have := Facts{"a": "1", "b": "2", "c": "3", "widget W: search events streams": "S"}
	want := Facts{"b": "2", "c": "4", "d": "5"}
	if got := Differing(have, want); !slices.Equal(got, []string{"a", "c", "d"}) {
		t.Errorf("Differing() = %q", got)
	}
	if got := Missing(have, want); !slices.Equal(got, []string{"c", "d"}) {
		t.Errorf("Missing() = %q", got)
	}
}
