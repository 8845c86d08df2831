package index

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Fields keep their values and types in the store.
func TestFieldsRoundTrip(t *testing.T) {
	want := map[string]any{
		"text":          "a",
		"blank":         "",
		"quote":         `"\`,
		"control":       "\x00\x1f\n\t",
		"wide":          "größe\u2028\U0001F600",
		"html":          "<b>&",
		"int":           int64(3),
		"min":           int64(math.MinInt64),
		"max":           int64(math.MaxInt64),
		"whole":         3.0,
		"third":         1.0 / 3,
		"huge":          math.MaxFloat64,
		"tiny":          math.SmallestNonzeroFloat64,
		"negative zero": math.Copysign(0, -1),
	}
	text := string(AppendFields(nil, want))
	if !json.Valid([]byte(text)) {
		t.Fatalf("not JSON: %s", text)
	}
	if !strings.Contains(text, `"html":"<b>&"`) || !strings.Contains(text, `"größe`) {
		t.Errorf("more is escaped than must be: %s", text)
	}
	got, err := ParseFields(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if got, err := ParseFields(""); err != nil || len(got) != 0 {
		t.Errorf("fields of no text: %v, %v", got, err)
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\x00\"\\\u2028<")
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(AppendString(nil, s), &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := strings.ToValidUTF8(s, "\uFFFD"); strings.ToValidUTF8(got, "\uFFFD") != want &&
			strings.Count(got, "\uFFFD") < strings.Count(want, "\uFFFD") {
			t.Fatalf("%q became %q", s, got)
		}
	})
}
