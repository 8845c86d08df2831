package index

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWordBytes is the length to which words are truncated. Graylog's index has a
// similar limit.
const maxWordBytes = 128

// EachWord calls f with the words of a text in order, in lower case, until f returns
// false. A word is a sequence of letters, digits and marks. Its bytes are valid only
// during the call. EachWord returns scratch, which may have grown.
func EachWord(text string, scratch []byte, f func(word []byte) bool) []byte {
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
			if !IsWordRune(r) {
				break
			}
			word = utf8.AppendRune(word, FoldRune(r))
			i += size
		}
		scratch = word
		if len(word) > 0 {
			if !f(word[:min(len(word), maxWordBytes)]) {
				return scratch
			}
			continue
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	return scratch
}

// IsWordRune reports whether a rune can be part of a word.
func IsWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// FoldRune maps all cases of a letter to one rune: also ς and σ, which are both lower
// case of Σ.
func FoldRune(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// Words returns the words of a text.
func Words(text string) []string {
	var all []string
	EachWord(text, nil, func(t []byte) bool { all = append(all, string(t)); return true })
	return all
}

// Fold returns a text in the case of words.
func Fold(text string) string { return strings.Map(FoldRune, text) }
