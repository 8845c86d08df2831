package gelf

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of Jackson's parser (StreamReadConstraints). Graylog uses the defaults.
const (
	maxDepth  = 1000  // nested objects and arrays, including the outermost
	maxNumber = 1000  // digits of a number, including the exponent
	maxName   = 50000 // UTF-16 units of a key
)

// A scanner reads JSON like Jackson in Graylog: strictly, except that it accepts control
// characters in strings and a comma after the last element. The text is valid UTF-8.
//
// In out, an unpaired surrogate is encoded as three bytes, like in UTF-8, until clean
// replaces it. So keys that differ in such a character are different.
type scanner struct {
	text  string
	i     int    // offset in text
	depth int    // of nested containers
	out   []byte // rendered container, or unescaped string
	spans []span // members of the objects being rendered
	lone  bool   // out contains an unpaired surrogate
}

// A span is the position of a member of an object in scanner.out.
type span struct {
	start, keyEnd, end int
}

func (s *scanner) errorf(at int, format string, args ...any) error {
	return fmt.Errorf("gelf: not JSON at byte %d: %s", at, fmt.Sprintf(format, args...))
}

// unexpected returns the error for an unexpected character at s.i.
func (s *scanner) unexpected(want string) error {
	if s.i >= len(s.text) {
		return s.errorf(s.i, "unexpected end, want %s", want)
	}
	r, _ := utf8.DecodeRuneInString(s.text[s.i:])
	return s.errorf(s.i, "unexpected %q, want %s", r, want)
}

// space skips white space and returns the next byte, or 0 at the end. A NUL in the text
// is never valid where space is called.
func (s *scanner) space() byte {
	for s.i < len(s.text) {
		switch c := s.text[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// members calls add for each member of the object that begins at s.i.
func (s *scanner) members(add func(key string, v value) error) error {
	if s.space() != '{' {
		return s.unexpected("an object")
	}
	s.i++
	s.depth = 1
	for first := true; ; first = false {
		c := s.space()
		if c == ',' && !first {
			s.i++
			c = s.space()
		} else if c != '}' && !first {
			return s.unexpected("a comma or the end of the object")
		}
		if c == '}' {
			s.i++
			return nil
		}
		key, err := s.key()
		if err != nil {
			return err
		}
		v, err := s.value()
		if err != nil {
			return err
		}
		if err := add(key, v); err != nil {
			return err
		}
	}
}

// trailing checks the first token after the object. Graylog ignores what follows the
// object, but rejects the frame if the first token is invalid.
func (s *scanner) trailing() error {
	c := s.space()
	switch {
	case s.i >= len(s.text), c == '{', c == '[', c == '"':
		return nil
	case c == '-' || '0' <= c && c <= '9':
		if _, _, err := s.number(); err != nil {
			return err
		}
		if at := s.i; at < len(s.text) {
			if s.space(); s.i == at {
				return s.unexpected("white space")
			}
		}
		return nil
	}
	_, err := s.literal()
	return err
}

// key reads a key and the colon.
func (s *scanner) key() (string, error) {
	if s.space() != '"' {
		return "", s.unexpected("a key")
	}
	at := s.i
	key, err := s.str()
	if err != nil {
		return "", err
	}
	if len(key) > maxName && utf16Len(key) > maxName {
		return "", s.errorf(at, "a key of more than %d characters", maxName)
	}
	if s.space() != ':' {
		return "", s.unexpected("a colon")
	}
	s.i++
	return key, nil
}

// value reads the value of a member of the frame.
func (s *scanner) value() (value, error) {
	c := s.space()
	v := value{at: s.i}
	var err error
	switch {
	case c == '"':
		v.text, err = s.str()
	case c == '{' || c == '[':
		v.kind = kindObject
		if c == '[' {
			v.kind = kindArray
		}
		s.out, s.spans, s.lone = s.out[:0], s.spans[:0], false
		if err = s.container(); err == nil {
			v.text = string(s.clean(s.out))
		}
	case c == '-' || '0' <= c && c <= '9':
		v.text, v.kind, err = s.number()
	default:
		v.kind, err = s.literal()
	}
	return v, err
}

func (s *scanner) literal() (kind, error) {
	rest := s.text[s.i:]
	for _, l := range [...]struct {
		word string
		kind kind
	}{{"true", kindTrue}, {"false", kindFalse}, {"null", kindNull}} {
		if strings.HasPrefix(rest, l.word) {
			if len(rest) > len(l.word) && wordByte(rest[len(l.word)]) {
				break
			}
			s.i += len(l.word)
			return l.kind, nil
		}
	}
	return 0, s.unexpected("a value")
}

// wordByte reports whether a literal followed by c is another word.
func wordByte(c byte) bool {
	return c >= 0x80 || c == '_' || c == '$' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// number reads a number and returns its text.
func (s *scanner) number() (string, kind, error) {
	start, k, digits := s.i, kindInt, 0
	if s.text[s.i] == '-' {
		s.i++
	}
	first := s.i
	if digits = s.digits(); digits == 0 {
		return "", k, s.unexpected("a digit")
	}
	if s.text[first] == '0' && s.i-first > 1 {
		return "", k, s.errorf(first, "number with a leading zero")
	}
	if s.i < len(s.text) && s.text[s.i] == '.' {
		k = kindFloat
		s.i++
		n := s.digits()
		if digits += n; n == 0 {
			return "", k, s.unexpected("a digit")
		}
	}
	if s.i < len(s.text) && s.text[s.i]|0x20 == 'e' {
		k = kindFloat
		s.i++
		if s.i < len(s.text) && (s.text[s.i] == '+' || s.text[s.i] == '-') {
			s.i++
		}
		n := s.digits()
		if digits += n; n == 0 {
			return "", k, s.unexpected("a digit")
		}
	}
	if digits > maxNumber {
		return "", k, s.errorf(start, "number of more than %d digits", maxNumber)
	}
	return s.text[start:s.i], k, nil
}

func (s *scanner) digits() int {
	start := s.i
	for s.i < len(s.text) && '0' <= s.text[s.i] && s.text[s.i] <= '9' {
		s.i++
	}
	return s.i - start
}

// str reads a string. A string without escapes is returned without copying.
func (s *scanner) str() (string, error) {
	rest := s.text[s.i+1:]
	end := strings.IndexByte(rest, '"')
	if end < 0 {
		return "", s.errorf(s.i, "unterminated string")
	}
	if strings.IndexByte(rest[:end], '\\') < 0 {
		s.i += end + 2
		return rest[:end], nil
	}
	s.out, s.lone = s.out[:0], false
	if err := s.unescape(); err != nil {
		return "", err
	}
	return string(s.clean(s.out)), nil
}

// unescape appends the contents of the string at s.i to s.out.
func (s *scanner) unescape() error {
	start := s.i
	s.i++
	for {
		n := strings.IndexAny(s.text[s.i:], `"\`)
		if n < 0 {
			return s.errorf(start, "unterminated string")
		}
		s.out = append(s.out, s.text[s.i:s.i+n]...)
		s.i += n
		if s.text[s.i] == '"' {
			s.i++
			return nil
		}
		if err := s.escape(); err != nil {
			return err
		}
	}
}

// escape appends the character of the escape sequence at s.i.
func (s *scanner) escape() error {
	at := s.i
	if s.i+1 >= len(s.text) {
		return s.errorf(at, "unterminated string")
	}
	c := s.text[s.i+1]
	s.i += 2
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.unicode(at)
	default:
		return s.errorf(at, "unknown escape")
	}
	s.out = append(s.out, c)
	return nil
}

// unicode appends the character of a \u escape whose digits are at s.i. It also reads a
// second escape if both are a surrogate pair.
func (s *scanner) unicode(at int) error {
	u, ok := hex4(s.text[s.i:])
	if !ok {
		return s.errorf(at, `\u without four hexadecimal digits`)
	}
	s.i += 4
	if 0xD800 <= u && u < 0xDC00 && strings.HasPrefix(s.text[s.i:], `\u`) {
		if low, ok := hex4(s.text[s.i+2:]); ok && 0xDC00 <= low && low < 0xE000 {
			s.i += 6
			u = 0x10000 + (u-0xD800)<<10 + (low - 0xDC00)
		}
	}
	if 0xD800 <= u && u < 0xE000 {
		s.lone = true
		s.out = append(s.out, 0xED, 0x80|byte(u>>6)&0x3F, 0x80|byte(u)&0x3F)
		return nil
	}
	s.out = utf8.AppendRune(s.out, u)
	return nil
}

func hex4(t string) (rune, bool) {
	if len(t) < 4 {
		return 0, false
	}
	var u rune
	for i := range 4 {
		c := t[i]
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		u = u<<4 | rune(c)
	}
	return u, true
}

// clean replaces unpaired surrogates with "?", like Java when it writes UTF-8.
func (s *scanner) clean(b []byte) []byte {
	if !s.lone {
		return b
	}
	w := 0
	for i := 0; i < len(b); i++ {
		if b[i] == 0xED && b[i+1] >= 0xA0 {
			b[w] = '?'
			i += 2
		} else {
			b[w] = b[i]
		}
		w++
	}
	return b[:w]
}

// utf16Len returns the length of t in UTF-16 units.
func utf16Len(t string) int {
	n := 0
	for _, r := range t {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}
