// Package jsontext appends values as JSON text in the form that Graylog stores unchanged, and
// finds the ends of values in such text.
package jsontext

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"
)

// AppendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD, as it would in
// Graylog. Only the characters that JSON requires are escaped.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if plain(s) {
		dst = append(dst, s...)
	} else {
		dst = appendEscaped(dst, s)
	}
	return append(dst, '"')
}

// plain reports whether s is printable ASCII without characters that are escaped.
func plain(s string) bool {
	if len(s) < 8 {
		for i := range len(s) {
			if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
				return false
			}
		}
		return true
	}
	var special uint64
	for i := 0; i < len(s)-8; i += 8 {
		special |= special8(load8(s[i:]))
	}
	return special|special8(load8(s[len(s)-8:])) == 0
}

// appendEscaped appends s with escapes.
func appendEscaped(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) && special8(load8(s[i:])) == 0 {
			i += 8
			continue
		}
		c := s[i]
		if c < utf8.RuneSelf {
			if c < ' ' || c == '"' || c == '\\' {
				dst = append(dst, s[start:i]...)
				dst = appendEscape(dst, c)
				start = i + 1
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...)
			start = i + 1
		}
		i += size
	}
	return append(dst, s[start:]...)
}

// load8 returns the first eight bytes of s as a number.
func load8(s string) uint64 {
	return binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(s), 8))
}

// special8 returns 0 if none of eight bytes needs an escape or a check: all are printable
// ASCII, without quotation marks and backslashes. A byte is less than n if subtracting n
// from it sets its highest bit.
func special8(w uint64) uint64 {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return (w | (w - ones*' ') | (quote - ones) | (slash - ones)) & highs
}

const hexDigits = "0123456789abcdef"

// appendEscape appends the escape of an ASCII character.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
}

// CutString returns the longest prefix of s that takes at most limit bytes in Graylog
// and ends between two characters. An invalid byte counts as three, the length of
// U+FFFD.
func CutString(s string, limit int) string {
	stored := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		length := size
		if r == utf8.RuneError && size == 1 {
			length = len("\uFFFD")
		}
		if stored+length > limit {
			return s[:i]
		}
		stored += length
		i += size
	}
	return s
}

// Blank reports whether s is empty after Graylog has trimmed it. Like Java's
// String.trim, Graylog removes all characters up to U+0020.
func Blank(s string) bool {
	for i := range len(s) {
		if s[i] > ' ' {
			return false
		}
	}
	return true
}
