package handler

import (
	"fmt"
	"regexp"
	"strings"
)

// A ValuePattern finds texts that must not leave the process, under whatever
// key they are: in the message, in attributes, and in their nested texts. Take
// one of this package's, or make one with [MatchRegexp].
type ValuePattern struct {
	name string
	find finder         // of a ready-made pattern
	re   *regexp.Regexp // of another
}

// A finder returns where the first text to hide is in s, at or behind the
// offset from. The text is not empty. The start is below 0 if there is none.
type finder func(s string, from int) (start, end int)

// The ready-made patterns. Each finds the secret alone: of "Bearer x", the x.
var (
	// ValuePatternBearer finds the token behind the word Bearer.
	ValuePatternBearer = ValuePattern{name: "bearer", find: findBearer}
	// ValuePatternBasic finds the credentials behind the word Basic, if they are
	// a user name and a password in Base64.
	ValuePatternBasic = ValuePattern{name: "basic", find: findBasic}
	// ValuePatternJWT finds JSON Web Tokens.
	ValuePatternJWT = ValuePattern{name: "jwt", find: findJWT}
	// ValuePatternURL finds the password of a URL, as in
	// "postgres://user:password@host/".
	ValuePatternURL = ValuePattern{name: "url", find: findURLPassword}
	// ValuePatternEmail finds e-mail addresses.
	ValuePatternEmail = ValuePattern{name: "email", find: findEmail}
	// ValuePatternIBAN finds IBANs with right check digits, written with or
	// without spaces.
	ValuePatternIBAN = ValuePattern{name: "iban", find: findIBAN}
	// ValuePatternCard finds the numbers of payment cards with a right check
	// digit, written with or without spaces or hyphens.
	ValuePatternCard = ValuePattern{name: "card", find: findCard}
)

// ValuePatterns returns the ready-made patterns.
func ValuePatterns() []ValuePattern {
	return []ValuePattern{
		ValuePatternBearer, ValuePatternBasic, ValuePatternJWT, ValuePatternURL,
		ValuePatternEmail, ValuePatternIBAN, ValuePatternCard,
	}
}

// MatchRegexp returns a pattern that finds what the regular expression matches,
// or its first group if it has one: `PIN (\d+)` hides the digits alone.
func MatchRegexp(name string, re *regexp.Regexp) ValuePattern {
	return ValuePattern{name: name, re: re}
}

// String returns the pattern's name.
func (p ValuePattern) String() string { return p.name }

// Equal reports whether the patterns have the same name.
func (p ValuePattern) Equal(q ValuePattern) bool { return p.name == q.name }

// MarshalText implements [encoding.TextMarshaler].
func (p ValuePattern) MarshalText() ([]byte, error) { return []byte(p.name), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It sets p to the
// ready-made pattern of this name.
func (p *ValuePattern) UnmarshalText(text []byte) error {
	var names []string
	for _, known := range ValuePatterns() {
		if strings.EqualFold(known.name, string(text)) {
			*p = known
			return nil
		}
		names = append(names, known.name)
	}
	return fmt.Errorf("unknown value pattern %q: use %s", text, strings.Join(names, ", "))
}

// seesTexts reports whether there are value patterns.
func (c *censor) seesTexts() bool { return c != nil && len(c.values) > 0 }

// text returns s with the mark of the censor in the place of what the value
// patterns find.
func (c *censor) text(s string) string {
	if c == nil {
		return s
	}
	for _, p := range c.values {
		s = p.hide(s)
	}
	return s
}

func (p ValuePattern) hide(s string) string {
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
		b.WriteString(censored)
		shown = end
		start, end = p.find(s, end)
	}
	b.WriteString(s[shown:])
	return b.String()
}

func (p ValuePattern) hideMatches(s string) string {
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
		b.WriteString(censored)
		shown = end
	}
	b.WriteString(s[shown:])
	return b.String()
}

func (p ValuePattern) empty() bool { return p.find == nil && p.re == nil }
