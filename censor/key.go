package censor

import (
	"unicode"
	"unicode/utf8"
)

// appendPath appends the letters of a path of groups to text, and the offsets of its
// segments to starts.
func appendPath(text []byte, starts []int, groups []string) ([]byte, []int) {
	for _, rest := range groups {
		for more := true; more; {
			var segment string
			segment, rest, more = cutSegment(rest)
			starts = append(starts, len(text))
			text = appendLetters(text, segment)
		}
	}
	return text, starts
}

// cutSegment cuts a key after its first segment. Segments are separated by a dot, a
// slash, a colon or an opening bracket: "a.b", "a/b", "a:b" and "a[b]".
func cutSegment(key string) (segment, rest string, more bool) {
	for i := range len(key) {
		switch key[i] {
		case '.', '/', ':', '[':
			return key[:i], key[i+1:], true
		}
	}
	return key, "", false
}

// severalSegments reports whether a key has more than one segment.
func severalSegments(key string) bool {
	_, _, more := cutSegment(key)
	return more
}

// appendLetters appends the letters and digits of a key in lower case: "apikey" for
// "API-Key".
func appendLetters(dst []byte, key string) []byte {
	for i := 0; i < len(key); {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			dst = append(dst, c)
		case 'A' <= c && c <= 'Z':
			dst = append(dst, c+'a'-'A')
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(key[i:])
			dst = utf8.AppendRune(dst, fold(r))
			i += size
			continue
		}
		i++
	}
	return dst
}

// fold returns the same letter for all letters that differ only in case.
func fold(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return unicode.ToLower(least)
}

// A keyPattern contains the letters of a rule, "*" for any text and "?" for any byte.
type keyPattern string

// newKeyPattern returns the pattern of a rule with stars. A separator next to a star
// requires some text there: "*_token" matches accessToken but not token.
func newKeyPattern(rule string) keyPattern {
	var p []byte
	begin := 0
	for i := range len(rule) {
		if rule[i] != '*' {
			continue
		}
		p = appendLetters(p, rule[begin:i])
		if i > 0 && separator(rule[i-1]) || i+1 < len(rule) && separator(rule[i+1]) {
			p = append(p, '?')
		}
		p = append(p, '*')
		begin = i + 1
	}
	return keyPattern(appendLetters(p, rule[begin:]))
}

func separator(c byte) bool { return c < utf8.RuneSelf && c != '*' && !alphanumeric(c) }

// matches reports whether the pattern matches all of text.
func (pattern keyPattern) matches(text []byte) bool {
	p, t := 0, 0
	star, from := -1, 0 // offset of the last star, and of the text after its match
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
