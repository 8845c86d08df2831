package censor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/internal/field"
)

// Mark replaces each hidden value and text.
const Mark = "*CENSORED*"

// Rules decide which keys and texts are hidden; see the package comment. Create them
// with [New]. Nil rules hide nothing. Rules do not change after New, so they are safe
// for concurrent use.
type Rules struct {
	plain    map[string]struct{} // letters of the keys
	raw      map[string]struct{} // exact keys
	lower    map[string]struct{} // field names in lower case, if their letters differ from the key's
	names    map[string]struct{} // field names of the exact keys
	patterns []keyPattern
	ends     [nEnds]bool // by endOf: whether a rule may match a key with this end

	values []Pattern
}

// builtin lists the fields that every record has and that streams, saved searches and
// people depend on.
var builtin = [...]string{
	"logger", "event", "level", "level_name", "level_number", "seq", "message", "short_message",
}

// New returns rules that hide the values of keys and the texts that the patterns in
// values find. It returns nil rules if both are empty. It returns an error for a key
// rule that would hide a field which every record needs, and for an empty pattern.
func New(keys []string, values []Pattern) (*Rules, error) {
	if len(keys) == 0 && len(values) == 0 {
		return nil, nil
	}
	r := &Rules{values: slices.Clone(values)}
	for i, v := range values {
		if v.IsZero() {
			return nil, fmt.Errorf("censor: pattern %d of %d is empty: remove it", i+1, len(values))
		}
	}
	for _, key := range keys {
		if name := Required(key); name != "" {
			return nil, fmt.Errorf("censor: the rule %q would hide the field %s, which every record needs: remove it"+
				" (a pattern can hide parts of the message)", key, name)
		}
		r.add(key)
	}
	return r, nil
}

// Required returns the name of the field that a key rule would hide although every
// record needs it, or "" if the rule is allowed.
func Required(rule string) string {
	var r Rules
	if key, exact := strings.CutPrefix(rule, "="); exact {
		r.addPlain(key) // "=Level" would be misleading too
	} else {
		r.add(rule)
	}
	for _, name := range builtin {
		if r.HidesKey(nil, name) {
			return name
		}
	}
	return ""
}

// add adds a key rule: a key, a pattern with "*", or "=" and an exact key.
func (r *Rules) add(rule string) {
	key, exact := strings.CutPrefix(rule, "=")
	switch {
	case exact:
		addTo(&r.raw, key)
		addTo(&r.names, field.FieldName(key))
		r.ends[endOf(key)] = true
		r.ends[endOf(field.FieldName(key))] = true
	case strings.Contains(rule, "*"):
		r.addPattern(rule)
	default:
		r.addPlain(rule)
	}
}

// addPlain adds a key that matches in any case and with any separators.
func (r *Rules) addPlain(key string) {
	letters := appendLetters(nil, key)
	if len(letters) == 0 {
		addTo(&r.raw, key)
		r.ends[endOf(key)] = true
	} else {
		addTo(&r.plain, string(letters))
		r.ends[endOf(string(letters))] = true
		r.ends[endOutside] = true // the Kelvin sign and the long s fold to k and s
	}
	// A letter outside ASCII becomes an underscore in the name of the field.
	if name := strings.ToLower(field.FieldName(key)); string(appendLetters(nil, name)) != string(letters) {
		addTo(&r.lower, name)
		r.ends[endOf(name)] = true
	}
}

// addPattern adds a key rule with stars.
func (r *Rules) addPattern(rule string) {
	p := newKeyPattern(rule)
	r.patterns = append(r.patterns, p)
	if last := p[len(p)-1]; last != '*' {
		r.ends[endOf(string(p))] = true
		r.ends[endOutside] = true
		return
	}
	for i := range r.ends {
		r.ends[i] = true
	}
}

func addTo(set *map[string]struct{}, key string) {
	if *set == nil {
		*set = make(map[string]struct{})
	}
	(*set)[key] = struct{}{}
}

// HidesKeys reports whether there are rules for keys.
func (r *Rules) HidesKeys() bool { return r != nil && r.ends != [nEnds]bool{} }

// HidesKey reports whether the value of a key is hidden. Groups contains the keys of
// the groups, maps and structs around it, the outermost first. The groups themselves
// must not be hidden.
func (r *Rules) HidesKey(groups []string, key string) bool {
	return r != nil && (r.ends[endOf(key)] || severalSegments(key)) && r.hidesSlow(groups, key)
}

// hidesSlow is HidesKey for the keys that endOf does not exclude.
func (r *Rules) hidesSlow(groups []string, key string) bool {
	if _, ok := r.raw[key]; ok {
		return true
	}
	if len(r.lower) > 0 {
		if _, ok := r.lower[strings.ToLower(key)]; ok {
			return true
		}
	}
	var textBuf [128]byte
	if len(r.names) > 0 {
		path := textBuf[:0]
		for _, g := range groups {
			path = field.AppendGroup(path, g)
		}
		name := field.AppendName(path[len(path):], path, key)
		if _, ok := r.names[string(name)]; ok {
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
			if r.hidesLetters(text[start:]) {
				return true
			}
		}
	}
	return false
}

// hidesLetters reports whether a rule matches these letters of a path.
func (r *Rules) hidesLetters(letters []byte) bool {
	if _, ok := r.plain[string(letters)]; ok {
		return true
	}
	return slices.ContainsFunc(r.patterns, func(p keyPattern) bool { return p.matches(letters) })
}

const (
	endOutside = 1   // end of a key whose last letter is outside ASCII
	nEnds      = 128 // number of values that endOf can return
)

// endOf returns the last letter or digit of a key in lower case, or 0 if there is none.
// With it, HidesKey excludes most keys at once.
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
