package jsontext

import (
	"math"
	"math/bits"
	"slices"
	"strconv"
	"time"
)

// Finite reports whether JSON can represent f.
func Finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// Storable reports whether the index can store f. It stores floats in 32 bits and
// rejects a record with a number outside their range.
func Storable(f float64) bool { return math.Abs(f) <= math.MaxFloat32 }

// AppendFloat appends a finite float in the shortest form that reads back as the same
// value, always with a decimal point. Without one, a first value such as 1 would make
// the field an integer in Graylog's index.
func AppendFloat(dst []byte, f float64, bits int) []byte {
	if bits == 64 {
		if short, ok := appendShortFloat(dst, f); ok {
			return short
		}
	}
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

// appendShortFloat appends a float below a billion that has at most six decimals, as
// most floats in logs. It returns false for other floats. The result has at most 15
// digits, and no two decimals of 15 digits read back as the same float, so no shorter
// one does.
func appendShortFloat(dst []byte, f float64) ([]byte, bool) {
	const limit, scale = 1e9, 1e6
	abs := math.Abs(f)
	if !(abs < limit) {
		return dst, false
	}
	n := int64(abs*scale + 0.5)
	if float64(n)/scale != abs { // both are exact, so the quotient is what the decimal reads back as
		return dst, false
	}
	if math.Signbit(f) {
		dst = append(dst, '-')
	}
	dst = AppendUint(dst, uint64(n/scale))
	return appendFraction(dst, uint64(n%scale), 6), true
}

// AppendSeconds appends a duration as a number of seconds with a decimal point, exact
// to the nanosecond.
func AppendSeconds(dst []byte, d time.Duration) []byte {
	u := uint64(d)
	if d < 0 {
		dst = append(dst, '-')
		u = -u
	}
	dst = AppendUint(dst, u/1e9)
	return appendFraction(dst, u%1e9, 9)
}

// appendFraction appends a decimal point and a number of at most nine digits with
// leading zeros to this width, without the zeros at its end.
func appendFraction(dst []byte, n uint64, width int) []byte {
	if n == 0 {
		return append(dst, ".0"...)
	}
	for n%1000 == 0 {
		n /= 1000
		width -= 3
	}
	for n%10 == 0 {
		n /= 10
		width--
	}
	return AppendDigits(append(dst, '.'), n, width)
}

// AppendInt appends an integer.
func AppendInt(dst []byte, i int64) []byte {
	if i < 0 {
		return AppendUint(append(dst, '-'), -uint64(i))
	}
	return AppendUint(dst, uint64(i))
}

// AppendUint appends an integer.
func AppendUint(dst []byte, u uint64) []byte {
	if u < 10 {
		return append(dst, byte('0'+u))
	}
	return AppendDigits(dst, u, numDigits(u))
}

// numDigits returns the number of decimal digits of u, which must not be 0.
func numDigits(u uint64) int {
	n := bits.Len64(u) * 1233 >> 12
	if u >= powers[n] {
		n++
	}
	return n
}

// AppendDigits appends n with leading zeros to a width.
func AppendDigits(dst []byte, n uint64, width int) []byte {
	end := len(dst) + width
	if end > cap(dst) {
		dst = slices.Grow(dst, width)
	}
	dst = dst[:end]
	i := end
	for ; i >= end-width+2; i -= 2 {
		pair := n % 100 * 2
		n /= 100
		dst[i-2], dst[i-1] = pairs[pair], pairs[pair+1]
	}
	if i > end-width {
		dst[i-1] = byte('0' + n)
	}
	return dst
}

// powers contains the powers of ten.
var powers = [20]uint64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// pairs contains the numbers from 0 to 99, with two digits each.
const pairs = "" +
	"0001020304050607080910111213141516171819" +
	"2021222324252627282930313233343536373839" +
	"4041424344454647484950515253545556575859" +
	"6061626364656667686970717273747576777879" +
	"8081828384858687888990919293949596979899"

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
