package jsontext

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzAppendString holds that the texts are what encoding/json reads and
// writes, but for escapes that JSON does not demand.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{
		"",
		"a",
		`"\/`,
		"\x00\x1f\x20\x7f\x80\xff",
		"1234567\x00",
		"12345678\"",
		"1234567é",
		"\xe4\xb8",
		"世界\u2028🚀",
		"\xed\xa0\x80",
		strings.Repeat("x", 100) + "\n",
		"\t\r\n\b\f",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := AppendString([]byte("before"), s)
		text, ok := strings.CutPrefix(string(got), "before")
		if !ok || !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			t.Fatalf("%q becomes %q", s, got)
		}
		var back string
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatalf("%q becomes %s: %v", s, text, err)
		}
		if want := strings.ToValidUTF8(eachInvalid(s), "\uFFFD"); back != want {
			t.Fatalf("%q reads back as %q", s, back)
		}
		theirs, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var theirBack string
		if err := json.Unmarshal(theirs, &theirBack); err != nil || theirBack != back {
			t.Fatalf("%q reads back as %q, from encoding/json as %q (%v)", s, back, theirBack, err)
		}
	})
}

// eachInvalid puts a U+FFFD in the place of each invalid byte, where
// [strings.ToValidUTF8] puts one for a row of them.
func eachInvalid(s string) string { return string([]rune(s)) }

// FuzzCutString holds that a text is cut between two characters and no shorter
// than it has to be.
func FuzzCutString(f *testing.F) {
	f.Add("", 0)
	f.Add("a世\xff🚀", 5)
	f.Add("\xff\xff\xff", 7)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if limit < 0 {
			return
		}
		short := CutString(s, limit)
		rest, ok := strings.CutPrefix(s, short)
		if !ok || len(eachInvalid(short)) > limit || eachInvalid(short)+eachInvalid(rest) != eachInvalid(s) {
			t.Fatalf("CutString(%q, %d) = %q", s, limit, short)
		}
		if rest != "" && len(eachInvalid(short))+len(string([]rune(rest)[:1])) <= limit {
			t.Fatalf("CutString(%q, %d) = %q, but there is room for one more", s, limit, short)
		}
	})
}

// FuzzNumbers holds that numbers read back as what they were, and are always of
// the same kind.
func FuzzNumbers(f *testing.F) {
	for _, v := range []float64{
		0,
		math.Copysign(0, -1),
		1,
		-1.5,
		1e-6,
		9.9e-7,
		1e20,
		1e21,
		5e-324,
		math.MaxFloat32,
		math.MaxFloat64,
	} {
		f.Add(v, int64(v))
	}
	f.Add(1.0, int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, v float64, n int64) {
		if Finite(v) {
			text := string(AppendFloat(nil, v, 64))
			if back, err := strconv.ParseFloat(
				text,
				64,
			); err != nil || back != v || !json.Valid([]byte(text)) || !strings.Contains(text, ".") {
				t.Errorf("%v becomes %s, which reads back as %v (%v)", v, text, back, err)
			}
		}
		if v32 := float32(v); Finite(float64(v32)) {
			text := string(AppendFloat(nil, float64(v32), 32))
			if back, err := strconv.ParseFloat(
				text,
				32,
			); err != nil || float32(back) != v32 || !strings.Contains(text, ".") {
				t.Errorf("%v becomes %s, which reads back as %v (%v)", v32, text, back, err)
			}
		}
		text := string(AppendSeconds(nil, time.Duration(n)))
		back, err := time.ParseDuration(text + "s")
		if n == math.MinInt64 {
			back, err = time.ParseDuration("-9223372036.854775808s")
		}
		if err != nil || int64(back) != n || !strings.Contains(text, ".") || !json.Valid([]byte(text)) {
			t.Errorf("%d ns become %s, which reads back as %v (%v)", n, text, back, err)
		}
	})
}
