package censor

import (
	"fmt"
	"regexp"
	"strings"
)

// A Pattern finds texts to hide under any key: in the message, in attributes, and in
// strings inside maps, structs and JSON. Use a ready-made pattern of this package, or
// make one with [Regexp]. The zero value is not valid.
type Pattern struct {
	name  string
	re    *regexp.Regexp // of a pattern made with Regexp
	find  finder         // of a ready-made pattern
	needs chars          // contained in each text that it finds
	least int            // minimum length of such a text, in bytes
}

// A finder returns the first text to hide in s that begins at or after the offset from.
// The text is not empty. If there is none, start is negative.
type finder func(s string, from int) (start, end int)

// The ready-made patterns. Each hides only the secret: of "Bearer x", the x.
var (
	// Bearer finds the token after the word Bearer.
	Bearer = Pattern{name: "bearer", find: findBearer, needs: charB | charR | charBetween, least: 8}
	// Basic finds the credentials after the word Basic if they are a user name and a
	// password in Base64.
	Basic = Pattern{name: "basic", find: findBasic, needs: charB | charC | charBetween, least: 8}
	// JWT finds JSON Web Tokens.
	JWT = Pattern{name: "jwt", find: findJWT, needs: charJ | charDot, least: 6}
	// URL finds the password in a URL such as "postgres://user:password@host/".
	URL = Pattern{name: "url", find: findURLPassword, needs: charColon | charAt, least: 5}
	// Email finds e-mail addresses.
	Email = Pattern{name: "email", find: findEmail, needs: charAt | charDot, least: 6}
	// IBAN finds IBANs with correct check digits, with or without spaces or hyphens.
	IBAN = Pattern{name: "iban", find: findIBAN, needs: charDigit, least: 15}
	// Card finds the numbers of payment cards with a correct check digit, with or
	// without spaces or hyphens.
	Card = Pattern{name: "card", find: findCard, needs: charDigit, least: 13}
)

// Patterns returns the ready-made patterns.
func Patterns() []Pattern {
	return []Pattern{
		Bearer, Basic, JWT, URL,
		Email, IBAN, Card,
	}
}

// Regexp returns a pattern that hides each match of re, or only its first group if re
// has one: `PIN (\d+)` hides the digits.
func Regexp(name string, re *regexp.Regexp) Pattern {
	return Pattern{name: name, re: re}
}

// String returns the name of the pattern.
func (p Pattern) String() string { return p.name }

// Equal reports whether the patterns have the same name.
func (p Pattern) Equal(q Pattern) bool { return p.name == q.name }

// MarshalText implements [encoding.TextMarshaler]. It returns the name of the pattern.
func (p Pattern) MarshalText() ([]byte, error) { return []byte(p.name), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It sets p to the ready-made
// pattern with this name, in any case.
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

// Text returns s with each text that a pattern finds replaced by [Mark].
func (r *Rules) Text(s string) string {
	if r == nil || len(r.values) == 0 {
		return s
	}
	have := charsOf(s)
	for i := range r.values {
		if p := &r.values[i]; p.needs&^have == 0 && len(s) >= p.least {
			s = p.hide(s)
		}
	}
	return s
}

// chars is a set of kinds of characters. A pattern is skipped for a text that lacks a kind
// which all its matches contain.
type chars uint16

const (
	charB       chars = 1 << iota // b or B
	charC                         // c or C
	charJ                         // J
	charR                         // r or R
	charDigit                     // 0 to 9
	charAt                        // @, or the % that may begin its escape in a URL
	charDot                       // .
	charColon                     // :
	charBetween                   // may separate a scheme from its credentials
)

// charsOfByte maps each byte to its set.
var charsOfByte = [256]chars{
	'b': charB, 'B': charB, 'c': charC, 'C': charC, 'J': charJ, 'r': charR, 'R': charR,
	'0': charDigit, '1': charDigit, '2': charDigit, '3': charDigit, '4': charDigit,
	'5': charDigit, '6': charDigit, '7': charDigit, '8': charDigit, '9': charDigit,
	'@': charAt, '.': charDot, ':': charColon | charBetween, '%': charAt | charBetween,
	'=': charBetween, '\'': charBetween, '"': charBetween, '\\': charBetween,
	' ': charBetween, '\t': charBetween, '\n': charBetween, '\r': charBetween,
}

// charsOf returns the set of the characters in s.
func charsOf(s string) (have chars) {
	for i := range len(s) {
		have |= charsOfByte[s[i]]
	}
	return have
}

// hide returns s with each text that p finds replaced by [Mark].
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

// IsZero reports whether the pattern finds nothing because it is the zero value, or
// because its regular expression is nil.
func (p Pattern) IsZero() bool { return p.find == nil && p.re == nil }
