package handler

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
)

type mapKeyText struct{ name string }

func (k mapKeyText) MarshalText() ([]byte, error) { return []byte("key " + k.name), nil }

// TestContainer checks the text as which maps, slices and structs are stored.
func TestContainer(t *testing.T) {
	cycle := map[string]any{"a": 1}
	cycle["self"] = cycle
	loop := make([]any, 1)
	loop[0] = loop
	ring := new(node)
	ring.Next = ring
	var self any
	self = &self
	one := 1
	shared := []int{1}
	const inItself = `"!ERROR: the value contains itself, or is nested too deep"`
	tests := []struct {
		name  string
		value any
		want  string // "" if the field is not stored
	}{
		{"a slice", []any{1, "a", nil, true, 2.5}, `[1,"a",null,true,2.5]`},
		{"a slice of whole floats", []float64{1, 2}, `[1.0,2.0]`},
		{"floats that JSON cannot represent", []any{math.NaN(), float32(math.Inf(1))}, `["NaN","+Inf"]`},
		{"an empty slice", []int{}, `[]`},
		{"a nil slice", []int(nil), ""},
		{"an array", [2]bool{true}, `[true,false]`},
		{"a map, sorted", map[string]any{"b": []int{1}, "a": map[string]any{"c": nil}}, `{"a":{"c":null},"b":[1]}`},
		{"an empty map", map[string]int{}, `{}`},
		{"a nil map", map[string]int(nil), ""},
		{
			"nil maps, slices and pointers in a slice",
			[]any{map[string]int(nil), []int(nil), (*int)(nil), (*time.Time)(nil)},
			`[null,null,null,null]`,
		},
		{
			"nil pointers with methods in a slice",
			[]any{(*errorPanicker)(nil), (*nilStringer)(nil), (*nilText)(nil)},
			`[null,null,null]`,
		},
		{
			"keys that are not strings",
			map[any]int{2: 1, "a": 2, true: 3, mapKeyText{"k"}: 4, nil: 5},
			`{"2":1,"<nil>":5,"a":2,"key k":4,"true":3}`,
		},
		{"keys of a named type", map[namedString]uint{"a": 1}, `{"a":1}`},
		{
			"values with text methods",
			[]any{
				errors.New("boom"),
				stringer{},
				textMarshaler{},
				textMarshaler{io.EOF},
				1500 * time.Millisecond,
				testTime,
				[]byte("b\xff"),
				[]byte("b"),
			},
			`["boom","a stringer","a text","!ERROR: EOF",1.5,"2023-11-14T22:13:20.123456789Z","Yv8=","b"]`,
		},
		{
			"json.Marshalers",
			[]any{jsonMarshaler(`{"a": 1}`), failing{}},
			`[{"a":1},"!ERROR: json: error calling MarshalJSON for type handler.failing: no JSON today"]`,
		},
		{
			"slog's values",
			[]any{
				slog.IntValue(1),
				slog.GroupValue(slog.Int("a", 1), slog.Group("g", "b", 2)),
				logValuer(func() slog.Value { return slog.StringValue("resolved") }),
			},
			`[1,{"a":1,"g":{"b":2}},"resolved"]`,
		},
		{"pointers", []any{&one, &shared}, `[1,[1]]`},
		{"interfaces", []error{io.EOF, nil}, `["EOF",null]`},
		{"a struct", party{Name: "a<b", Password: "p", hidden: 1}, `{"name":"a<b","password":"p"}`},
		{"a pointer to a struct", &party{Name: "a", Rounds: 2}, `{"name":"a","rounds":2,"password":""}`},
		{"structs in a slice", []party{{Name: "a"}}, `[{"name":"a","password":""}]`},
		{"a struct with a float that JSON cannot represent", struct{ F float64 }{math.NaN()}, `{"F":"NaN"}`},
		{
			"a struct whose values have text methods",
			struct {
				E error
				D time.Duration
				L slog.LogValuer
				N json.Number
				B []byte
				C complex64
				I big.Int
				T time.Time
				J *jsonMarshaler
				P party
			}{
				io.EOF,
				time.Second,
				logValuer(func() slog.Value { return slog.GroupValue(slog.Int("a", 1)) }),
				"7",
				[]byte("b\xff"),
				1i,
				*big.NewInt(5),
				testTime,
				nil,
				party{},
			},
			`{"E":"EOF","D":1.0,"L":{"a":1},"N":7,"B":"Yv8=","C":"(0+1i)","I":5,` +
				`"T":"2023-11-14T22:13:20.123456789Z","J":null,"P":{"name":"","password":""}}`,
		},
		{"json.Numbers that are not numbers", []json.Number{"1", "1x", ""}, `[1,"1x",""]`},
		{"functions", []any{func() {}}, `["!ERROR: json: unsupported type: func()"]`},
		{"a map that contains itself", cycle, `{"a":1,"self":` + inItself + `}`},
		{"a slice that contains itself", loop, `[` + inItself + `]`},
		{"a pointer to itself", self, strings.Trim(inItself, `"`)},
		{"a struct that contains itself", ring, `{"Next":` + inItself + `}`},
		{"the same slice twice is not a cycle", []any{shared, shared}, `[[1],[1]]`},
		{
			"values of all sizes",
			[]any{int8(-1), uint16(2), uintptr(3), float32(0.1), namedString("s")},
			`[-1,2,3,0.1,"s"]`,
		},
		{"a panic in a slice", []any{1, panicker{"out of order"}}, "!PANIC: out of order"},
	}
	var table []storedTest
	for _, tc := range tests {
		want := stored{}
		if tc.want != "" {
			want["v"] = tc.want
		}
		table = append(table, storedTest{
			name:  tc.name,
			attrs: attrs{slog.Any("v", tc.value)},
			want:  want,
		})
	}
	runStored(t, table)
}

type nilStringer struct{}

func (s *nilStringer) String() string { panic("nil") }

type nilText struct{}

func (s *nilText) MarshalText() ([]byte, error) { panic("nil") }
