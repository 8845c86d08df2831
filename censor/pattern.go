package censor

import (
	"fmt"
	"regexp"
	"strings"
)

// A Pattern finds texts that must not leave the process, under whatever
// key they are: in the message, in attributes, and in their nested texts. Take
// one of this package's, or make one with [Regexp].
type Pattern struct {
	name  string
	re    *regexp.Regexp // of a pattern that is not ready-made
	find  finder         // of a ready-made one
	needs signs          // of each text that it finds
	least int            // length of such a text in bytes
}

// A finder returns where the first text to hide is in s, at or behind the
// offset from. The text is not empty. The start is below 0 if there is none.
type finder func(s string, from int) (start, end int)

// The ready-made patterns. Each finds the secret alone: of "Bearer x", the x.
var (
	// Bearer finds the token behind the word Bearer.
	Bearer = Pattern{name: "bearer", find: findBearer, needs: signB | signR | signBetween, least: 8}
	// Basic finds the credentials behind the word Basic, if they are
	// a user name and a password in Base64.
	Basic = Pattern{name: "basic", find: findBasic, needs: signB | signC | signBetween, least: 8}
	// JWT finds JSON Web Tokens.
	JWT = Pattern{name: "jwt", find: findJWT, needs: signJ | signDot, least: 6}
	// URL finds the password of a URL, as in
	// "postgres://user:password@host/".
	URL = Pattern{name: "url", find: findURLPassword, needs: signColon | signAt, least: 5}
	// Email finds e-mail addresses.
	Email = Pattern{name: "email", find: findEmail, needs: signAt | signDot, least: 6}
	// IBAN finds IBANs with right check digits, written with or
	// without spaces.
	IBAN = Pattern{name: "iban", find: findIBAN, needs: signDigit, least: 15}
	// Card finds the numbers of payment cards with a right check
	// digit, written with or without spaces or hyphens.
	Card = Pattern{name: "card", find: findCard, needs: signDigit, least: 13}
)

// ValuePatterns returns the ready-made patterns.
func Patterns() []Pattern {
	return []Pattern{
		Bearer, Basic, JWT, URL,
		Email, IBAN, Card,
	}
}

// Regexp returns a pattern that finds what the regular expression matches,
// or its first group if it has one: `PIN (\d+)` hides the digits alone.
func Regexp(name string, re *regexp.Regexp) Pattern {
	return Pattern{name: name, re: re}
}

// String returns the pattern's name.
func (p Pattern) String() string { return p.name }

// Equal reports whether the patterns have the same name.
func (p Pattern) Equal(q Pattern) bool { return p.name == q.name }

// MarshalText implements [encoding.TextMarshaler].
func (p Pattern) MarshalText() ([]byte, error) { return []byte(p.name), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It sets p to the
// ready-made pattern of this name.
func (p *Pattern) UnmarshalText(text []byte) error {
	var names []string
	for _, known := range Patterns() {
		if strings.EqualFold(known.name, string(text)) {
			*p = known
			return nil
		}
		names = append(names, known.name)
	}
	return fmt.Errorf("unknown value pattern %q: use %s", text, strings.Join(names, ", "))
}

// Text returns s with the mark of the censor instead of what the value
// patterns find.
func (c *Rules) Text(s string) string {
	if c == nil || len(c.values) == 0 {
		return s
	}
	have := signsOf(s)
	for i := range c.values {
		if p := &c.values[i]; p.needs&^have == 0 && len(s) >= p.least {
			s = p.hide(s)
		}
	}
	return s
}

// signs is a set of characters, by which most texts that a pattern does not find
// are told at once.
type signs uint16

const (
	signB       signs = 1 << iota // b or B
	signC                         // c or C
	signJ                         // J
	signR                         // r or R
	signDigit                     // 0 to 9
	signAt                        // @, or the % that may begin its escape in a URL
	signDot                       // .
	signColon                     // :
	signBetween                   // what may be between a scheme and its credentials
)

var signsOfByte = [256]signs{
	'b': signB, 'B': signB, 'c': signC, 'C': signC, 'J': signJ, 'r': signR, 'R': signR,
	'0': signDigit, '1': signDigit, '2': signDigit, '3': signDigit, '4': signDigit,
	'5': signDigit, '6': signDigit, '7': signDigit, '8': signDigit, '9': signDigit,
	'@': signAt, '.': signDot, ':': signColon | signBetween, '%': signAt | signBetween,
	'=': signBetween, '\'': signBetween, '"': signBetween, '\\': signBetween,
	' ': signBetween, '\t': signBetween, '\n': signBetween, '\r': signBetween,
}

func signsOf(s string) (have signs) {
	for i := range len(s) {
		have |= signsOfByte[s[i]]
	}
	return have
}

func (p *Pattern) hide(s string) string {
	if p.re != nil {
		return p.hideMatches(s)
	}
	start, end := p.find(s, 0)
	if start < 0 {
		return s
	}
	var b strings.Builder
	shown := 0
	for start >= 0 {
		b.WriteString(s[shown:start])
		b.WriteString(Mark)
		shown = end
		start, end = p.find(s, end)
	}
	b.WriteString(s[shown:])
	return b.String()
}

func (p *Pattern) hideMatches(s string) string {
	matches := p.re.FindAllStringSubmatchIndex(s, -1)
	if len(matches) == 0 {
		return s
	}
	var b strings.Builder
	shown := 0
	for _, m := range matches {
		start, end := m[0], m[1]
		if len(m) > 2 && m[2] >= 0 {
			start, end = m[2], m[3]
		}
		if start == end {
			continue
		}
		b.WriteString(s[shown:start])
		b.WriteString(Mark)
		shown = end
	}
	b.WriteString(s[shown:])
	return b.String()
}

func (p Pattern) IsZero() bool { return p.find == nil && p.re == nil }
