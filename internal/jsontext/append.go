// Package jsontext appends values as JSON text in the form that Graylog stores unchanged, and
// finds the ends of values in such text.
package jsontext

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendString appends s as a JSON string. Invalid UTF-8 becomes U+FFFD, as it would in
// Graylog. Only the characters that JSON requires are escaped.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) && plain8(s[i:i+8]) {
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
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// plain8 reports whether the first eight bytes need no escape and no check: all are
// printable ASCII, without quotation marks and backslashes. It tests the eight bytes at
// once: a byte of a word is less than n if subtracting n sets its highest bit.
func plain8(s string) bool {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	_ = s[7]
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return (w|(w-ones*' ')|(quote-ones)|(slash-ones))&highs == 0
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

// Finite reports whether JSON can represent f.
func Finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// Storable reports whether the index can store f. It stores floats in 32 bits and
// rejects a record with a number outside their range.
func Storable(f float64) bool { return math.Abs(f) <= math.MaxFloat32 }

// AppendFloat appends a finite float in the shortest form that reads back as the same
// value, always with a decimal point. Without one, a first value such as 1 would make
// the field an integer in Graylog's index.
func AppendFloat(dst []byte, f float64, bits int) []byte {
	start := len(dst)
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, bits)
	for i := start; i < len(dst); i++ {
		switch dst[i] {
		case '.':
			return dst
		case 'e': // 1e+21 → 1.0e+21
			dst = append(dst, "00"...)
			copy(dst[i+2:], dst[i:])
			dst[i], dst[i+1] = '.', '0'
			return dst
		}
	}
	return append(dst, ".0"...)
}

// AppendSeconds appends a duration as a number of seconds with a decimal point, exact
// to the nanosecond.
func AppendSeconds(dst []byte, d time.Duration) []byte {
	u := uint64(d)
	if d < 0 {
		dst = append(dst, '-')
		u = -u
	}
	dst = strconv.AppendUint(dst, u/1e9, 10)
	dst = append(dst, '.')
	dst = appendDigits(dst, u%1e9, 9)
	for dst[len(dst)-1] == '0' && dst[len(dst)-2] != '.' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// AppendUnix appends a time as Unix seconds with exactly six decimals, which a float64
// could not represent. The time must not be before 1970.
func AppendUnix(dst []byte, t time.Time) []byte {
	dst = strconv.AppendInt(dst, t.Unix(), 10)
	dst = append(dst, '.')
	return appendDigits(dst, uint64(t.Nanosecond()/1000), 6)
}

// appendDigits appends u with leading zeros to a width of at most nine digits.
func appendDigits(dst []byte, u uint64, width int) []byte {
	n := len(dst)
	dst = append(dst, "000000000"[:width]...)
	for i := n + width - 1; i >= n; i-- {
		dst[i] = byte('0' + u%10)
		u /= 10
	}
	return dst
}

// AppendBool appends a bool as a JSON string, because Graylog drops JSON booleans.
func AppendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, `"true"`...)
	}
	return append(dst, `"false"`...)
}

// AppendTime appends a time as a string in RFC 3339 format with nanoseconds. A time in
// a zone that the index rejects, 18 hours or more from UTC, is converted to UTC.
func AppendTime(dst []byte, t time.Time) []byte {
	if _, offset := t.Zone(); offset <= -18*60*60 || offset >= 18*60*60 {
		t = t.UTC()
	}
	dst = append(dst, '"')
	dst = t.AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}
