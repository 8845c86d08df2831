package gelf

import (
	"bytes"
	"slices"
)

// container reads the object or array at s.i and appends it to s.out like Jackson's
// JsonNode.toString: without white space, and with numbers as Java prints them. Of
// equal keys, the last value replaces the first.
func (s *scanner) container() error {
	if s.depth++; s.depth > maxDepth {
		return s.errorf(s.i, "more than %d nested objects and arrays", maxDepth)
	}
	open := s.text[s.i]
	end := open + 2 // ']' is '[' + 2, '}' is '{' + 2
	s.i++
	s.out = append(s.out, open)
	base := len(s.spans)
	for first := true; ; first = false {
		c := s.space()
		if c == ',' && !first {
			s.i++
			c = s.space()
		} else if c != end && !first {
			return s.unexpected("a comma or the end of the object or array")
		}
		if c == end {
			break
		}
		if !first {
			s.out = append(s.out, ',')
		}
		if err := s.element(open == '{'); err != nil {
			return err
		}
	}
	s.i++
	s.depth--
	if open == '{' {
		s.unique(base)
		s.spans = s.spans[:base]
	}
	s.out = append(s.out, end)
	return nil
}

// element appends an element of a container, with its key if keyed is true.
func (s *scanner) element(keyed bool) error {
	if !keyed {
		return s.render()
	}
	if s.space() != '"' {
		return s.unexpected("a key")
	}
	m := span{start: len(s.out)}
	at := s.i
	if err := s.renderString(); err != nil {
		return err
	}
	m.keyEnd = len(s.out)
	key := s.out[m.start+1 : m.keyEnd-1]
	if len(key) > maxName && s.i-at-2 > maxName && utf16Len(string(key)) > maxName {
		return s.errorf(at, "a key of more than %d characters", maxName)
	}
	if s.space() != ':' {
		return s.unexpected("a colon")
	}
	s.i++
	s.out = append(s.out, ':')
	if err := s.render(); err != nil {
		return err
	}
	m.end = len(s.out)
	s.spans = append(s.spans, m)
	return nil
}

// render appends the value at s.i.
func (s *scanner) render() error {
	switch c := s.space(); {
	case c == '"':
		return s.renderString()
	case c == '{' || c == '[':
		return s.container()
	case c == '-' || '0' <= c && c <= '9':
		text, k, err := s.number()
		if err != nil {
			return err
		}
		if k == kindFloat {
			s.out = appendJavaFloat(s.out, text)
		} else if text == "-0" {
			s.out = append(s.out, '0')
		} else {
			s.out = append(s.out, text...)
		}
		return nil
	default:
		start := s.i
		if _, err := s.literal(); err != nil {
			return err
		}
		s.out = append(s.out, s.text[start:s.i]...)
		return nil
	}
}

// renderString appends the string at s.i in quotes. It escapes like Jackson: only what
// must be escaped, and with uppercase digits after \u.
func (s *scanner) renderString() error {
	start := len(s.out)
	s.out = append(s.out, '"')
	if err := s.unescape(); err != nil {
		return err
	}
	text := s.out[start+1:]
	if !bytes.ContainsFunc(text, mustEscape) {
		s.out = append(s.out, '"')
		return nil
	}
	text = slices.Clone(text)
	s.out = s.out[:start+1]
	for _, c := range text {
		s.out = appendEscaped(s.out, c)
	}
	s.out = append(s.out, '"')
	return nil
}

func mustEscape(r rune) bool { return r < ' ' || r == '"' || r == '\\' }

func appendEscaped(dst []byte, c byte) []byte {
	const digits = "0123456789ABCDEF"
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c >= ' ':
		return append(dst, c)
	case c == '\b':
		return append(dst, `\b`...)
	case c == '\t':
		return append(dst, `\t`...)
	case c == '\n':
		return append(dst, `\n`...)
	case c == '\f':
		return append(dst, `\f`...)
	case c == '\r':
		return append(dst, `\r`...)
	}
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}

// unique rewrites the object with the members s.spans[base:] if it has two equal keys.
func (s *scanner) unique(base int) {
	members := s.spans[base:]
	if len(members) < 2 {
		return
	}
	index := make(map[string]int, len(members)) // of a key in kept
	kept := make([]span, 0, len(members))
	for _, m := range members {
		key := string(s.out[m.start:m.keyEnd])
		if i, ok := index[key]; ok {
			kept[i] = m
			continue
		}
		index[key] = len(kept)
		kept = append(kept, m)
	}
	if len(kept) == len(members) {
		return
	}
	from := members[0].start
	old := slices.Clone(s.out[from:])
	s.out = s.out[:from]
	for i, m := range kept {
		if i > 0 {
			s.out = append(s.out, ',')
		}
		s.out = append(s.out, old[m.start-from:m.end-from]...)
	}
}
