package match

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// A pattern is a text with wildcards.
type pattern []patternPart

// A patternPart is a rune or a wildcard.
type patternPart struct {
	r    rune
	kind byte // 0 for a rune, '*' or '?'
}

// newPattern returns the pattern of a text, given the byte offsets of its wildcards.
func newPattern(text string, wild []int) pattern {
	var p pattern
	for i, r := range text {
		part := patternPart{r: r}
		if len(wild) > 0 && wild[0] == i {
			part.kind, wild = byte(r), wild[1:]
		}
		if part.kind == '*' && len(p) > 0 && p[len(p)-1].kind == '*' {
			continue
		}
		p = append(p, part)
	}
	return p
}

// lower returns the pattern in the case of words.
func (p pattern) lower() pattern {
	low := make(pattern, len(p))
	for i, part := range p {
		if part.kind == 0 {
			part.r = index.FoldRune(part.r)
		}
		low[i] = part
	}
	return low
}

// needle returns a text that every matching word contains. A zero byte at its start or
// end means that the word starts or ends there.
func (p pattern) needle() string {
	best := ""
	for from := 0; from < len(p); from++ {
		to, run := from, ""
		for to < len(p) && p[to].kind == 0 && p[to].r != utf8.RuneError { // RuneError also represents invalid bytes
			run += string(p[to].r)
			to++
		}
		if len(run) > len(strings.Trim(best, "\x00")) {
			if best = run; from == 0 {
				best = "\x00" + best
			}
			if to == len(p) {
				best += "\x00"
			}
		}
		from = to
	}
	return best
}

// ofOnly reports whether the pattern contains only wildcards and the given ASCII
// characters.
func (p pattern) ofOnly(chars string) bool {
	return !slices.ContainsFunc(p, func(part patternPart) bool {
		return part.kind == 0 && !strings.ContainsRune(chars, part.r)
	})
}

// matches reports whether the pattern matches a whole text. Its time is at most
// proportional to the product of both lengths.
func (p pattern) matches(text string) bool {
	star, starAt := -1, 0
	i, at := 0, 0
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case i < len(p) && p[i].kind == '*':
			star, starAt = i, at
			i++
			continue
		case i < len(p) && (p[i].kind == '?' || p[i].kind == 0 && p[i].r == r):
			i++
			at += size
			continue
		case star < 0:
			return false
		}
		_, size = utf8.DecodeRuneInString(text[starAt:])
		starAt += size
		i, at = star+1, starAt
	}
	for i < len(p) && p[i].kind == '*' {
		i++
	}
	return i == len(p)
}

// A fragment is a word of a pattern. Beside a wildcard, it may be part of a longer
// word.
type fragment struct {
	text        string
	left, right bool // the word starts here; the word ends here
}

// needle is like pattern.needle, for words that may be truncated.
func (f fragment) needle() string {
	text := f.text
	if f.left {
		text = "\x00" + text
	}
	if f.right {
		text += "\x00"
	}
	return text
}

func (f fragment) in(word string) bool {
	switch {
	case len(word) >= index.LongWord: // may be truncated
		return true
	case f.left && f.right:
		return word == f.text
	case f.left:
		return strings.HasPrefix(word, f.text)
	case f.right:
		return strings.HasSuffix(word, f.text)
	}
	return strings.Contains(word, f.text)
}

// fragments returns the words of a pattern that matches whole values.
func (p pattern) fragments() []fragment {
	var all []fragment
	var word strings.Builder
	left := true
	end := func(right, next bool) {
		if word.Len() > 0 {
			all = append(all, fragment{word.String(), left, right})
			word.Reset()
		}
		left = next
	}
	for _, part := range p {
		switch {
		case part.kind != 0:
			end(false, false)
		case index.IsWordRune(part.r):
			word.WriteRune(part.r)
		default:
			end(true, true)
		}
	}
	end(true, true)
	return all
}
