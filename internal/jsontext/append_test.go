package jsontext

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzAppendString checks that encoding/json reads the same text from AppendString as from
// its own output.
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
			t.Fatalf("AppendString(%q) = %q", s, got)
		}
		var back string
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatalf("AppendString(%q) = %s: %v", s, text, err)
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

// eachInvalid replaces each invalid byte by U+FFFD. [strings.ToValidUTF8] replaces a
// sequence of invalid bytes by a single one.
func eachInvalid(s string) string { return string([]rune(s)) }

// FuzzCutString checks that a text is cut between two characters and not shorter than
// necessary.
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
			t.Fatalf("CutString(%q, %d) = %q, but one more character fits", s, limit, short)
		}
	})
}
