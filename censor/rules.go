package censor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/internal/field"
)

// censored replaces each value that must not leave the process.
const Mark = "*CENSORED*"

// A censor knows which keys and which texts are hidden. A nil censor hides
// nothing. It does not change after [newCensor], so that it needs no lock.
//
// A key is looked up with the groups, maps and structs around it, as a path. A
// rule matches the end of a path, from the beginning of a segment on: the rule
// "db.password" matches the key password in the group db, in a map db, and in
// a group db within others, and the keys "db.password" and "db_password". A key
// of several segments is hidden with the first of them: "password.old" as the
// member old of a group password is.
type Rules struct {
	plain    map[string]struct{} // letters of keys
	raw      map[string]struct{} // keys as they are
	lower    map[string]struct{} // names of fields that have not the letters of their keys, in lower case
	names    map[string]struct{} // names of the fields of exact keys
	patterns []keyPattern
	ends     [nEnds]bool // by endOf: whether a rule may match a key with that end

	values []Pattern
}

// builtin are the names of the fields that each record has and that streams,
// saved searches and readers depend on.
var builtin = [...]string{
	"logger", "event", "level", "level_name", "level_number", "seq", "message", "short_message",
}

// newCensor returns the censor of these options, nil if they have none. Its
// error names the first rule that cannot be.
func New(keys []string, values []Pattern) (*Rules, error) {
	if len(keys) == 0 && len(values) == 0 {
		return nil, nil
	}
	c := &Rules{values: slices.Clone(values)}
	for i, v := range values {
		if v.IsZero() {
			return nil, fmt.Errorf("handler: CensorValues %d of %d is empty: remove it", i+1, len(values))
		}
	}
	for _, key := range keys {
		if name := Required(key); name != "" {
			return nil, fmt.Errorf("handler: censoring %q would hide the field %s, which every record needs: remove it"+
				" (CensorValues hides parts of the message)", key, name)
		}
		c.add(key)
	}
	return c, nil
}

// needed returns the name of a built-in field that the rule would hide, "" if
// there is none.
func Required(rule string) string {
	var c Rules
	if key, exact := strings.CutPrefix(rule, "="); exact {
		c.addPlain(key) // in any case: such a name would mislead
	} else {
		c.add(rule)
	}
	for _, name := range builtin {
		if c.HidesKey(nil, name) {
			return name
		}
	}
	return ""
}

// add adds a rule: a key, a pattern with "*", or an exact key behind "=".
func (c *Rules) add(rule string) {
	key, exact := strings.CutPrefix(rule, "=")
	switch {
	case exact:
		addTo(&c.raw, key)
		addTo(&c.names, field.FieldName(key))
		c.ends[endOf(key)] = true
		c.ends[endOf(field.FieldName(key))] = true
	case strings.Contains(rule, "*"):
		c.addPattern(rule)
	default:
		c.addPlain(rule)
	}
}

func (c *Rules) addPlain(key string) {
	letters := appendLetters(nil, key)
	if len(letters) == 0 {
		addTo(&c.raw, key)
		c.ends[endOf(key)] = true
	} else {
		addTo(&c.plain, string(letters))
		c.ends[endOf(string(letters))] = true
		c.ends[endOutside] = true // a few letters outside of ASCII are k or s in another case
	}
	// A letter outside of ASCII becomes an underscore in a field's name.
	if name := strings.ToLower(field.FieldName(key)); string(appendLetters(nil, name)) != string(letters) {
		addTo(&c.lower, name)
		c.ends[endOf(name)] = true
	}
}

func (c *Rules) addPattern(rule string) {
	p := newKeyPattern(rule)
	c.patterns = append(c.patterns, p)
	if last := p[len(p)-1]; last != '*' {
		c.ends[endOf(string(p))] = true
		c.ends[endOutside] = true
		return
	}
	for i := range c.ends {
		c.ends[i] = true
	}
}

func addTo(set *map[string]struct{}, key string) {
	if *set == nil {
		*set = make(map[string]struct{})
	}
	(*set)[key] = struct{}{}
}

// HidesKeys reports whether any key is hidden.
func (c *Rules) HidesKeys() bool { return c != nil && c.ends != [nEnds]bool{} }

// hides reports whether the value of the key is hidden in these groups, none
// of which is hidden.
func (c *Rules) HidesKey(groups []string, key string) bool {
	return c != nil && (c.ends[endOf(key)] || severalSegments(key)) && c.hidesSlow(groups, key)
}

func (c *Rules) hidesSlow(groups []string, key string) bool {
	if _, ok := c.raw[key]; ok {
		return true
	}
	if len(c.lower) > 0 {
		if _, ok := c.lower[strings.ToLower(key)]; ok {
			return true
		}
	}
	var textBuf [128]byte
	if len(c.names) > 0 {
		path := textBuf[:0]
		for _, g := range groups {
			path = field.AppendGroup(path, g)
		}
		name := field.AppendName(path[len(path):], path, key)
		if _, ok := c.names[string(name)]; ok {
			return true
		}
	}
	var startBuf [16]int
	text, starts := appendPath(textBuf[:0], startBuf[:0], groups)
	for rest, more := key, true; more; {
		var segment string
		segment, rest, more = cutSegment(rest)
		starts = append(starts, len(text))
		text = appendLetters(text, segment)
		for _, start := range starts {
			if c.hidesLetters(text[start:]) {
				return true
			}
		}
	}
	return false
}

func (c *Rules) hidesLetters(letters []byte) bool {
	if _, ok := c.plain[string(letters)]; ok {
		return true
	}
	return slices.ContainsFunc(c.patterns, func(p keyPattern) bool { return p.matches(letters) })
}

// endOutside is the end of a key with a last letter outside of ASCII, and nEnds
// the number of values of endOf.
const (
	endOutside = 1
	nEnds      = 128
)

// endOf returns the last letter or digit of a key, in lower case, 0 if there is
// none. It excludes most keys that are not hidden at once.
func endOf(key string) byte {
	for i := len(key) - 1; i >= 0; i-- {
		switch c := key[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			return c
		case 'A' <= c && c <= 'Z':
			return c + 'a' - 'A'
		case c >= 0x80:
			return endOutside
		}
	}
	return 0
}
