package index

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxToken is the most bytes of a word that count; Graylog's index has such a
// limit too.
const maxWordBytes = 128

// eachToken calls f with the words of a text in their order, in lower case,
// until f returns false. A word is letters and digits in a row. The bytes are
// valid during the call only.
func EachWord(text string, scratch []byte, f func(token []byte) bool) []byte {
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

func IsWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// foldRune makes one of the cases of a letter: for ς and σ, too, which both are
// the lower case of Σ.
func FoldRune(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// tokensOf returns the words of a text.
func Words(text string) []string {
	var all []string
	EachWord(text, nil, func(t []byte) bool { all = append(all, string(t)); return true })
	return all
}

// fold returns a text in the case that words have.
func Fold(text string) string { return strings.Map(FoldRune, text) }
