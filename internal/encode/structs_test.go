package encode

import (
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/internal/jsontext"
)

type (
	outer struct {
		Inner
		*Pointed
		embeddedPrivate
		Named   Inner `json:"named"`
		Skipped int   `json:"-"`
		hidden  int
		A       int    `json:"a,omitempty"`
		B       string `json:",omitempty"`
		C       []int  `json:",omitempty"`
		D       *int   `json:"d"`
		Quoted  int    `json:",string"`
		QuotedS string `json:"qs,string"`
		QuotedP *bool  `json:"qp,string"`
		Zero    Inner  `json:"zero,omitzero"`
		Time    zeroer `json:"time,omitzero"`
		Any     any
		Map     map[string]Inner
		Array   [2]uint8
		ByPtr   byPointer
		Empty   struct{} `json:",omitempty"`
	}
	Inner struct {
		X      int
		Shadow string
		Both   int `json:"both"`
	}
	Pointed struct {
		Y      int
		Both   int `json:"both"`
		Tagged int `json:"t"`
		Twice  int
	}
	embeddedPrivate struct {
		Z     int
		T     int `json:"T2"`
		Twice int `json:"Twice"`
		x     int
	}
	zeroer    struct{ At string }
	byPointer struct{ n int }
	loop      struct {
		*loop
		V int
	}
)

func (z zeroer) IsZero() bool { return z.At == "never" }

func (p *byPointer) MarshalJSON() ([]byte, error) { return json.Marshal(p.n) }

// TestStructs checks that a struct has the same members as in encoding/json.
func TestStructs(t *testing.T) {
	n, yes := 3, true
	full := outer{
		Inner:           Inner{1, "s", 2},
		Pointed:         &Pointed{1, 2, 3, 4},
		embeddedPrivate: embeddedPrivate{1, 2, 3, 4},

		A:       1,
		B:       "b",
		C:       []int{1},
		D:       &n,
		Quoted:  5,
		QuotedS: `"<`,
		QuotedP: &yes,
		Zero:    Inner{X: 1},
		Time:    zeroer{"now"},
		Any:     Inner{X: 9},
		Map:     map[string]Inner{"k": {}},
		Array:   [2]uint8{1, 2},
		ByPtr:   byPointer{7},
		hidden:  1,
	}
	for name, v := range map[string]any{
		"zero":             outer{},
		"pointer to zero":  &outer{Time: zeroer{"never"}},
		"full":             full,
		"pointer to full":  &full,
		"slice":            []outer{full},
		"map":              map[string]outer{"k": full},
		"embeds itself":    loop{V: 1},
		"embeds a loop":    loop{loop: &loop{V: 2}, V: 1},
		"anonymous":        struct{ A, b int }{1, 2},
		"embeds interface": struct{ json.Token }{"x"},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := jsontext.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			f := newFormat(t, Config{})
			got := fields(decode(t, encodeRecord(f, record("m", slog.Any("v", v)))))["v"].(string)
			var wantValue, gotValue any
			if err := json.Unmarshal([]byte(got), &gotValue); err != nil {
				t.Fatalf("%v: %s", err, got)
			}
			json.Unmarshal(want, &wantValue)
			if diff := cmp.Diff(wantValue, gotValue); diff != "" {
				t.Errorf("members (-encoding/json +stored):\n%s", diff)
			}
		})
	}
}
