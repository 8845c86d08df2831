package censor

import "testing"

// TestEscapedKeys checks that keys with JSON escapes match the rules.
func TestEscapedKeys(t *testing.T) {
	r, err := New([]string{`pa"ss`}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for src, want := range map[string]string{
		`{"pa\"ss":"hunter2","b":["pa\"ss"]}`: `{"pa\"ss":"*CENSORED*","b":["pa\"ss"]}`,
		`{"pa\u0022ss":{"a":[1,{}]}}`:         `{"pa\u0022ss":"*CENSORED*"}`,
		`[{"pa\"ss":-1e5},{"pa\"ss":null}]`:   `[{"pa\"ss":"*CENSORED*"},{"pa\"ss":"*CENSORED*"}]`,
		`"pa\"ss"`:                            `"pa\"ss"`,
	} {
		if got := string(r.AppendJSON(nil, []byte(src), nil)); got != want {
			t.Errorf("AppendJSON(%s) = %s, want %s", src, got, want)
		}
	}
}
