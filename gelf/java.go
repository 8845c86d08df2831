package gelf

import (
	"bytes"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file contains functions of Java's library that Graylog applies to texts and
// numbers.

// javaTrim is String.trim: it removes spaces and control characters at both ends, but
// no other white space of Unicode.
func javaTrim(t string) string {
	for len(t) > 0 && t[0] <= ' ' {
		t = t[1:]
	}
	for len(t) > 0 && t[len(t)-1] <= ' ' {
		t = t[:len(t)-1]
	}
	return t
}

// javaBlank is StringUtils.isBlank: it reports whether all characters are white space.
func javaBlank(t string) bool {
	for _, r := range t {
		if !javaSpace(r) {
			return false
		}
	}
	return true
}

// javaSpace is Character.isWhitespace: Unicode's separators except non-breaking ones,
// and a few control characters.
func javaSpace(r rune) bool {
	switch {
	case r < 0x80:
		return r == ' ' || '\t' <= r && r <= '\r' || 0x1C <= r && r <= 0x1F
	case r == 0xA0 || r == 0x2007 || r == 0x202F:
		return false
	}
	return unicode.In(r, unicode.Zs, unicode.Zl, unicode.Zp)
}

// javaDecodeUTF8 is new String(bytes, UTF_8): each longest invalid part of a character
// becomes one U+FFFD.
func javaDecodeUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	out.Grow(len(b) + 16)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			n = invalidLen(b)
		}
		out.WriteRune(r)
		b = b[n:]
	}
	return out.String()
}

// invalidLen returns how many bytes at the start of b become one U+FFFD.
func invalidLen(b []byte) int {
	cont := func(i int) bool { return i < len(b) && b[i]&0xC0 == 0x80 }
	switch c := b[0]; {
	case c == 0xED && cont(1) && b[1] >= 0xA0 && cont(2):
		return 3 // a surrogate
	case 0xE0 <= c && c < 0xF0:
		if cont(1) && !(c == 0xE0 && b[1] < 0xA0) {
			return 2
		}
	case 0xF0 <= c && c < 0xF5:
		if !cont(1) || c == 0xF0 && b[1] < 0x90 || c == 0xF4 && b[1] >= 0x90 {
			return 1
		}
		if cont(2) {
			return 3
		}
		return 2
	}
	return 1
}

// javaParseLong is BigInteger.longValue of an integer: its lowest 64 bits. It reports
// whether the result equals the integer.
func javaParseLong(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	n, _ := new(big.Int).SetString(text, 10)
	low := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64))
	return int64(low.Uint64()), false
}

// javaToInt is the conversion of a double to int: truncated and limited to the range.
func javaToInt(f float64) int64 {
	switch {
	case f != f:
		return 0
	case f >= math.MaxInt32:
		return math.MaxInt32
	case f <= math.MinInt32:
		return math.MinInt32
	}
	return int64(f)
}

// javaToLong is the conversion of a double to long.
func javaToLong(f float64) int64 {
	switch {
	case f != f:
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// javaRound is Math.round: to the nearest integer, with halves rounded up.
func javaRound(f float64) int64 {
	whole := math.Floor(f)
	if f-whole >= 0.5 {
		whole++
	}
	return javaToLong(whole)
}

// javaParseDouble is Double.parseDouble. It accepts a few forms that Go rejects, and
// rejects a few that Go accepts.
func javaParseDouble(text string) (float64, bool) {
	text = javaTrim(text)
	switch strings.TrimLeft(text, "+-") {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		if strings.HasPrefix(text, "-") {
			return math.Inf(-1), true
		}
		return math.Inf(1), true
	}
	hex := strings.ContainsAny(text, "xX")
	n := len(text)
	if n > 1 && strings.IndexByte("dDfF", text[n-1]) >= 0 && (!hex || strings.ContainsAny(text, "pP")) {
		text = text[:n-1]
	}
	if strings.IndexFunc(text, func(r rune) bool {
		return r >= 0x80 || strings.IndexByte("0123456789abcdefxpABCDEFXP+-.", byte(r)) < 0
	}) >= 0 {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}

// appendJavaFloat appends a number with a decimal point or an exponent like Jackson:
// as Double.toString, in quotes if JSON has no such number.
func appendJavaFloat(dst []byte, text string) []byte {
	f, _ := strconv.ParseFloat(text, 64)
	if math.IsInf(f, 0) {
		dst = append(dst, '"')
		dst = appendJavaDouble(dst, f)
		return append(dst, '"')
	}
	return appendJavaDouble(dst, f)
}

// appendJavaDouble appends Double.toString(f) of JDK 19 and later: the shortest digits
// that parse as f, but at least two.
func appendJavaDouble(dst []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	case f == 0 && math.Signbit(f):
		return append(dst, "-0.0"...)
	}
	if a := math.Abs(f); f == 0 || 1e-3 <= a && a < 1e7 {
		start := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
		if bytes.IndexByte(dst[start:], '.') < 0 {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	digits := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(digits, "e")
	if !strings.Contains(mantissa, ".") {
		// One digit is enough. Java uses the nearest number with two.
		digits = strconv.FormatFloat(f, 'e', 1, 64)
		if back, _ := strconv.ParseFloat(digits, 64); back == f {
			mantissa, exponent, _ = strings.Cut(digits, "e")
		} else {
			mantissa += ".0"
		}
	}
	dst = append(dst, mantissa...)
	dst = append(dst, 'E')
	n, _ := strconv.Atoi(exponent)
	return strconv.AppendInt(dst, int64(n), 10)
}
