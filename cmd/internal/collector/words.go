package collector

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxToken is the most bytes of a word that count; Graylog's index has such a
// limit too.
const maxToken = 128

// eachToken calls f with the words of a text in their order, in lower case,
// until f returns false. A word is letters and digits in a row. The bytes are
// valid during the call only.
func eachToken(text string, scratch []byte, f func(token []byte) bool) []byte {
	for i := 0; i < len(text); {
		word := scratch[:0]
		for i < len(text) {
			c := text[i]
			if c < utf8.RuneSelf {
				if 'A' <= c && c <= 'Z' {
					c += 'a' - 'A'
				} else if !('a' <= c && c <= 'z' || '0' <= c && c <= '9') {
					break
				}
				word = append(word, c)
				i++
				continue
			}
			r, size := utf8.DecodeRuneInString(text[i:])
			if !isWordRune(r) {
				break
			}
			word = utf8.AppendRune(word, foldRune(r))
			i += size
		}
		scratch = word
		if len(word) > 0 {
			if !f(word[:min(len(word), maxToken)]) {
				return scratch
			}
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	return scratch
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// foldRune makes one of the cases of a letter: for ς and σ, too, which both are
// the lower case of Σ.
func foldRune(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// tokensOf returns the words of a text.
func tokensOf(text string) []string {
	var all []string
	eachToken(text, nil, func(t []byte) bool { all = append(all, string(t)); return true })
	return all
}

// hasPhrase reports whether the words stand in a text in a row. No words stand
// nowhere.
func hasPhrase(text string, words []string) bool {
	if len(words) == 0 {
		return false
	}
	var few [8]bool
	stand := few[:] // by the number of a word: it stands here, and those before it where they should
	if len(words) > len(few) {
		stand = make([]bool, len(words))
	}
	last := len(words) - 1
	eachToken(text, nil, func(t []byte) bool {
		for i := last; i > 0; i-- {
			stand[i] = stand[i-1] && string(t) == words[i]
		}
		stand[0] = string(t) == words[0]
		return !stand[last]
	})
	return stand[last]
}

// hasTokenLike reports whether a word of a text matches a pattern.
func hasTokenLike(text string, p glob) bool {
	found := false
	eachToken(text, nil, func(t []byte) bool { found = p.matches(string(t)); return !found })
	return found
}

// fold returns a text in the case that words have.
func fold(text string) string { return strings.Map(foldRune, text) }
