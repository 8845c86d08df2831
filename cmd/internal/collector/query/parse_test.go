package query

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	_ "github.com/aimakerspace/synlogger/internal/golden"
)

func word(text string) Expr                { return Term{Text: text} }
func term(field, text string) Expr         { return Term{Field: field, Text: text} }
func phrase(field, text string) Expr       { return Term{Field: field, Text: text, Phrase: true} }
func pattern(text string, at ...int) Expr  { return Term{Text: text, Pattern: at} }
func inclusive(text string) Bound          { return Bound{text, true} }
func exclusive(text string) Bound          { return Bound{text, false} }
func between(f string, lo, hi Bound) Range { return Range{Field: f, Min: lo, Max: hi} }

// noPos ignores positions. The tests of package match check them.
var noPos = cmp.Options{cmpopts.IgnoreFields(Term{}, "Pos"), cmpopts.IgnoreFields(Range{}, "Pos")}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Expr
	}{
		{"", All{}},
		{" \t\n", All{}},
		{"*", All{}},
		{"hello", word("hello")},
		{"hospital-1", word("hospital-1")},
		{"größe", word("größe")},
		{`"hello world"`, phrase("", "hello world")},
		{`"a \"b\" \\ *"`, phrase("", `a "b" \ *`)},
		{`""`, phrase("", "")},
		{"he*o?", pattern("he*o?", 2, 4)},
		{`he\*o?`, pattern("he*o?", 4)},
		{`a\:b\ c`, word("a:b c")},
		{"logger:TTP_a", term("logger", "TTP_a")},
		{"logger: TTP_a", term("logger", "TTP_a")},
		{`message:"a b"`, phrase("message", "a b")},
		{"logger:*", Exists{"logger"}},
		{"_exists_:round", Exists{"round"}},
		{"level:4", term("level", "4")},
		{"level:<=3", between("level", Bound{}, inclusive("3"))},
		{"level:>3", between("level", exclusive("3"), Bound{})},
		{"temp:>-4.5", between("temp", exclusive("-4.5"), Bound{})},
		{"temp:-4", term("temp", "-4")},
		{`timestamp:>="2026-01-02 03:04:05"`, between("timestamp", inclusive("2026-01-02 03:04:05"), Bound{})},
		{"loss:[0.1 TO 0.5}", between("loss", inclusive("0.1"), exclusive("0.5"))},
		{"loss:{* TO 5]", between("loss", Bound{}, inclusive("5"))},
		{`t:["a b" TO *]`, between("t", inclusive("a b"), Bound{})},
		{"round:(3 OR 4)", Or{term("round", "3"), term("round", "4")}},
		{
			"round:(>3 AND <9)",
			And{between("round", exclusive("3"), Bound{}), between("round", Bound{}, exclusive("9"))},
		},
		{
			"round:(-3 [4 TO 5]) -c",
			And{Or{term("round", "-3"), between("round", inclusive("4"), inclusive("5"))}, Not{word("c")}},
		},
		{"a b", Or{word("a"), word("b")}},
		{"a OR b || c", Or{word("a"), word("b"), word("c")}},
		{"a AND b && c", And{word("a"), word("b"), word("c")}},
		{"a b AND c", Or{word("a"), And{word("b"), word("c")}}},
		{"a AND (b c)", And{word("a"), Or{word("b"), word("c")}}},
		{"NOT a", Not{word("a")}},
		{"-a", Not{word("a")}},
		{"!a", Not{word("a")}},
		{"NOT NOT a", word("a")},
		{"a NOT b", And{word("a"), Not{word("b")}}},
		{"a -b c", And{Or{word("a"), word("c")}, Not{word("b")}}},
		{"a OR NOT b", And{word("a"), Not{word("b")}}},
		{"a AND NOT b", And{word("a"), Not{word("b")}}},
		{"+a b", word("a")},
		{"+a +b -c", And{word("a"), word("b"), Not{word("c")}}},
		{
			"-level:7 logger:TTP_*",
			And{Term{Field: "logger", Text: "TTP_*", Pattern: []int{4}}, Not{term("level", "7")}},
		},
		{"((a))", word("a")},
		{"and", word("and")},
		{"android", word("android")},
		{"ANDROID", word("ANDROID")},
	} {
		got, err := Parse(tt.in)
		if err != nil {
			t.Errorf("%q: %v", tt.in, err)
		} else if diff := cmp.Diff(tt.want, got, noPos); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct {
		in  string
		pos int
		msg string
	}{
		{`"open`, 0, "the quote is not closed"},
		{`a "open`, 2, "the quote is not closed"},
		{`a\`, 1, "nothing follows the backslash"},
		{"(a", 0, "the parenthesis is not closed"},
		{"a (b (c)", 2, "the parenthesis is not closed"},
		{"a)", 1, `unmatched ")"`},
		{"()", 1, `a term is missing before ")"`},
		{"a AND", 5, "a term is missing at the end"},
		{"a OR", 4, "a term is missing at the end"},
		{"NOT", 3, "a term is missing at the end"},
		{"AND a", 0, "a term is missing before AND"},
		{"a AND OR b", 6, "a term is missing before OR"},
		{":a", 0, "a field name is missing"},
		{"a:", 2, `a value is missing after "a:"`},
		{"a: AND b", 3, `a value is missing after "a:"`},
		{"at 12:30:00", 8, `a second ":"`},
		{"a:(b:c)", 3, "b is a field inside the parentheses of the field a"},
		{"a*:b", 0, "not a field name"},
		{"a:>", 3, "a number or a time is missing after >"},
		{"a:>=*", 4, "a number or a time is missing after >="},
		{"a:[1 5]", 5, "TO is missing"},
		{"a:[1 TO ]", 8, "a bound is missing"},
		{`a:["" TO 5]`, 3, "a bound is missing"},
		{"a:[1 TO 5", 2, "the range is not closed"},
		{"a[1]", 1, `'[' has a special meaning: write \[`},
		{"/a.*/", 0, "regular expressions are not supported"},
		{"a~2", 1, "fuzziness"},
		{`"a b"~3`, 5, "fuzziness"},
		{"a^2", 1, "boosts"},
		{"_exists_:(a)", 9, "a field name is missing after _exists_"},
		{strings.Repeat("(", maxDepth+1) + "a", maxDepth, "more than 32 parentheses are open"},
		{strings.Repeat("a ", MaxTerms+1), 2 * MaxTerms, "more than 64 terms"},
		{strings.Repeat("a", MaxBytes+1), MaxBytes, "too long"},
	} {
		x, err := Parse(tt.in)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: no error, but %v", tt.in, x)
			continue
		}
		if e.Pos != tt.pos || !strings.Contains(e.Msg, tt.msg) {
			t.Errorf("%q: at %d %q, want at %d %q", tt.in, e.Pos, e.Msg, tt.pos, tt.msg)
		}
	}
	if _, err := Parse("größe AND"); err.Error() != "at character 10: a term is missing at the end" {
		t.Errorf("the error says %q", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, in := range []string{"a", `a:"b c" OR NOT (d -e:[1 TO *})`, "a:>=-4 && b*?", `\`, "a:(", "+!-a"} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		x, err := Parse(in)
		var e *Error
		switch {
		case err == nil && x == nil:
			t.Fatal("neither an expression nor an error")
		case err != nil && (!errors.As(err, &e) || e.Pos < 0 || e.Pos > len(in)):
			t.Fatalf("%v is at no place of the query", err)
		case err == nil:
			check(t, x)
		}
	})
}

// check fails the test if an expression breaks a rule of its type.
func check(t *testing.T, x Expr) {
	parts := func(all []Expr) {
		if len(all) < 2 {
			t.Fatalf("%#v has fewer than two parts", x)
		}
		for _, part := range all {
			check(t, part)
		}
	}
	switch x := x.(type) {
	case And:
		parts(x)
	case Or:
		parts(x)
	case Not:
		check(t, x.X)
	case Term:
		for _, at := range x.Pattern {
			if x.Text[at] != '*' && x.Text[at] != '?' {
				t.Fatalf("%#v: there is no wildcard at %d", x, at)
			}
		}
	case Range:
		if x.Field == "" || x.Min.Text == "" && x.Min.Inclusive || x.Max.Text == "" && x.Max.Inclusive {
			t.Fatalf("%#v is no range", x)
		}
	case Exists:
		if x.Field == "" {
			t.Fatal("Exists without a field")
		}
	}
}
