package handler

import (
	"unicode"
	"unicode/utf8"
)

// A form is a way to write a key so that keys which are to be the same are.
// All forms are in lower case.
type form int

const (
	formLetters form = iota // letters and digits alone: "apikey" for "API-Key"
	formWords               // an underscore for what is between: "api_key" for "API-Key", "apikey" for "ApiKey"
	formCamel               // and where the case shows a word's beginning: "api_key" for "ApiKey"
)

// appendPath appends the form of a path of keys, and where its segments begin.
// A dot within a key separates segments, too, and so do the signs of "a/b",
// "a:b" and "a[b]".
func appendPath(text []byte, starts []int, groups []string, key string, f form) ([]byte, []int) {
	for _, g := range groups {
		text, starts = appendSegments(text, starts, g, f)
	}
	text, starts = appendSegments(text, starts, key, f)
	if n := len(text); n > 0 && text[n-1] == '_' {
		text = text[:n-1]
	}
	for i := range starts {
		starts[i] = min(starts[i], len(text))
	}
	return text, starts
}

func appendSegments(text []byte, starts []int, key string, f form) ([]byte, []int) {
	begin := 0
	for i := 0; i <= len(key); i++ {
		if i < len(key) && key[i] != '.' && key[i] != '/' && key[i] != ':' && key[i] != '[' {
			continue
		}
		if n := len(text); f != formLetters && n > 0 && text[n-1] != '_' {
			text = append(text, '_')
		}
		starts = append(starts, len(text))
		text = appendForm(text, key[begin:i], f)
		begin = i + 1
	}
	return text, starts
}

// appendForm appends the form of a key or a pattern, whose stars it keeps.
func appendForm(dst []byte, key string, f form) []byte {
	for i := 0; i < len(key); {
		c := key[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '*':
			dst = append(dst, c)
		case 'A' <= c && c <= 'Z':
			if f == formCamel && beginsWord(key, i) {
				dst = append(dst, '_')
			}
			dst = append(dst, c+'a'-'A')
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(key[i:])
			dst = utf8.AppendRune(dst, fold(r))
			i += size
			continue
		case f != formLetters && len(dst) > 0 && dst[len(dst)-1] != '_':
			dst = append(dst, '_')
		}
		i++
	}
	return dst
}

// beginsWord reports whether the capital at this offset begins a word, as both
// do in "APIKey".
func beginsWord(key string, i int) bool {
	lower := func(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }
	upper := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	return i > 0 && (lower(key[i-1]) || upper(key[i-1]) && i+1 < len(key) && lower(key[i+1]))
}

// fold returns one letter for all that differ in case alone.
func fold(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return unicode.ToLower(least)
}

// A keyPattern is a form of key with stars, each for any text.
type keyPattern struct {
	text string
	form form
}

// addPattern adds a pattern. One that has a separator, such as "*_token", needs
// it in the key, where a capital will do: it matches AccessToken, not token.
func (c *censor) addPattern(pattern string) {
	words, _ := appendPath(nil, nil, nil, pattern, formWords)
	forms := []form{formLetters}
	for _, b := range words {
		if b == '_' {
			forms = []form{formWords, formCamel}
		}
	}
	for _, f := range forms {
		text := words // a pattern's capitals are no words: "*Token" matches secrettoken
		if f == formLetters {
			text = appendForm(nil, pattern, f)
		}
		c.patterns = append(c.patterns, keyPattern{string(text), f})
		if last := len(text) - 1; text[last] != '*' {
			c.ends[endOf(string(text))] = true
			continue
		}
		for i := range c.ends {
			c.ends[i] = true
		}
	}
}

// matches reports whether a pattern matches a path.
func (c *censor) matches(groups []string, key string) bool {
	var textBuf [128]byte
	var startBuf [16]int
	var text []byte
	var starts []int
	built := form(-1)
	for _, p := range c.patterns { // sorted by their form
		if p.form != built {
			text, starts = appendPath(textBuf[:0], startBuf[:0], groups, key, p.form)
			built = p.form
		}
		for _, start := range starts {
			if matchStars(p.text, text[start:]) {
				return true
			}
		}
	}
	return false
}

// matchStars reports whether the pattern matches all of text.
func matchStars(pattern string, text []byte) bool {
	p, t := 0, 0
	star, from := -1, 0 // the last star, and where what follows it was tried last
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
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
