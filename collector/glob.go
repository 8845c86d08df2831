package collector

import (
	"strings"
	"unicode/utf8"
)

// A glob is a pattern: texts with wildcards between them.
type glob []globPart

// A globPart is a rune, or a wildcard for one or for any number.
type globPart struct {
	r    rune
	kind byte // 0, '*', '?'
}

// newGlob makes a pattern of a text whose bytes at some places are wildcards.
func newGlob(text string, wild []int) glob {
	var g glob
	for i, r := range text {
		part := globPart{r: r}
		if len(wild) > 0 && wild[0] == i {
			part.kind, wild = byte(r), wild[1:]
		}
		if part.kind == '*' && len(g) > 0 && g[len(g)-1].kind == '*' {
			continue
		}
		g = append(g, part)
	}
	return g
}

// lower returns the pattern for words, which are in lower case.
func (g glob) lower() glob {
	low := make(glob, len(g))
	for i, p := range g {
		if p.kind == 0 {
			p.r = foldRune(p.r)
		}
		low[i] = p
	}
	return low
}

// prefix returns how every text that matches begins.
func (g glob) prefix() string {
	var b strings.Builder
	for _, p := range g {
		if p.kind != 0 {
			break
		}
		b.WriteRune(p.r)
	}
	return b.String()
}

// matches reports whether the pattern is true of a whole text. It takes time in
// proportion to the product of both at the most.
func (g glob) matches(text string) bool {
	star, starAt := -1, 0
	i, at := 0, 0
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch {
		case i < len(g) && g[i].kind == '*':
			star, starAt = i, at
			i++
			continue
		case i < len(g) && (g[i].kind == '?' || g[i].kind == 0 && g[i].r == r):
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
	for i < len(g) && g[i].kind == '*' {
		i++
	}
	return i == len(g)
}
