package censor

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// indexFold returns the index of the first match of word in s at or after from,
// ignoring case. It returns -1 without a match. Word must be in lower case.
func indexFold(s, word string, from int) int {
	for i := from; i+len(word) <= len(s); i++ {
		if s[i]|0x20 == word[0] && strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func alphanumeric(c byte) bool { return letter(c) || digit(c) }

// findCredentials returns the next text after an authentication scheme, such as the x
// of "Bearer x", "bearer: x", "Bearer%20x" or `"Bearer":"x"`.
func findCredentials(s, scheme string, from int) (start, end int) {
	for i := from; ; {
		at := indexFold(s, scheme, i)
		if at < 0 {
			return -1, -1
		}
		i = at + len(scheme)
		if at > 0 && alphanumeric(s[at-1]) {
			continue
		}
		start = skipSeparators(s, i)
		if start == i {
			continue
		}
		end = start
		for end < len(s) && s[end] > ' ' && !strings.ContainsRune("\"'`,;<>(){}[]|\\&", rune(s[end])) {
			end++
		}
		if start < end {
			return start, end
		}
	}
}

// skipSeparators returns the offset of the first byte at or after i that does not
// separate a scheme from its credentials.
func skipSeparators(s string, i int) int {
	for i < len(s) {
		switch {
		case strings.HasPrefix(s[i:], "%20"):
			i += len("%20")
		case s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r' || strings.IndexByte(":='\"\\", s[i]) >= 0:
			i++
		default:
			return i
		}
	}
	return i
}

func findBearer(s string, from int) (start, end int) { return findCredentials(s, "bearer", from) }

// findBasic is the finder of [Basic].
func findBasic(s string, from int) (start, end int) {
	for {
		start, end = findCredentials(s, "basic", from)
		if start < 0 {
			return -1, -1
		}
		text := strings.TrimRight(s[start:end], "=.")
		if bad := strings.LastIndexFunc(text, notBase64); bad >= 0 {
			// The credentials may begin after the last character that is not
			// Base64, if the scheme is right before it. Trying every occurrence
			// of the scheme in a long text would take quadratic time.
			before := strings.TrimRight(text[:bad+1], ":=%20")
			from = start + max(0, len(before)-len("basic"))
			continue
		}
		text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
		plain, err := base64.RawStdEncoding.DecodeString(text)
		if err == nil && strings.Contains(string(plain), ":") {
			return start, end
		}
		from = start + max(0, len(text)-len("basic")) // text may end with the scheme
	}
}

func notBase64(r rune) bool {
	return r >= utf8.RuneSelf || !alphanumeric(byte(r)) && strings.IndexByte("+/-_", byte(r)) < 0
}

// findJWT looks for three parts in URL-safe Base64, the first of which begins like a
// JSON object.
func findJWT(s string, from int) (start, end int) {
	for i := from; ; {
		at := strings.Index(s[i:], "eyJ")
		if at < 0 {
			return -1, -1
		}
		start = i + at
		i = start + len("eyJ")
		if start > 0 && base64URL(s[start-1]) {
			continue
		}
		end = start
		dots := 0
		for end < len(s) && (base64URL(s[end]) || s[end] == '.') {
			if s[end] == '.' {
				dots++
			}
			end++
		}
		if dots >= 2 {
			return start, end
		}
	}
}

func base64URL(c byte) bool { return alphanumeric(c) || c == '-' || c == '_' }

// findURLPassword is the finder of [URL].
func findURLPassword(s string, from int) (start, end int) {
	for i := from; ; {
		at := strings.Index(s[i:], "://")
		if at < 0 {
			return -1, -1
		}
		i += at + len("://")
		authority := s[i:]
		if n := strings.IndexAny(authority, "/?#\"'`<>\\ \t\r\n"); n >= 0 {
			authority = authority[:n]
		}
		user := strings.LastIndexByte(authority, '@')
		colon := strings.IndexByte(authority, ':')
		if 0 <= colon && colon+1 < user {
			return i + colon + 1, i + user
		}
	}
}

// findEmail looks for an @, or for %40 as in a URL, between a name and a domain that
// contains a dot.
func findEmail(s string, from int) (start, end int) {
	for i := from; i < len(s); {
		at, size := strings.IndexByte(s[i:], '@'), len("@")
		if escaped := strings.Index(s[i:], "%40"); escaped >= 0 && (at < 0 || escaped < at) {
			at, size = escaped, len("%40")
		}
		if at < 0 {
			break
		}
		at += i
		start = at
		for start > from {
			r, n := utf8.DecodeLastRuneInString(s[from:start])
			if !inMailbox(r) {
				break
			}
			start -= n
		}
		if end = domainEnd(s, at+size); start < at && end > 0 {
			return start, end
		}
		i = at + size
	}
	return -1, -1
}

// inMailbox reports whether r may be part of the name of a mailbox. It excludes a few
// characters that RFC 5322 allows, because they occur almost only in URLs and in texts
// such as key=value.
func inMailbox(r rune) bool {
	if r < utf8.RuneSelf {
		return alphanumeric(byte(r)) || strings.ContainsRune(".!$%*+-^_~'", r)
	}
	return inLabel(r)
}

// domainEnd returns the end of the domain that begins at i, or 0 if there is not a
// domain of at least two labels.
func domainEnd(s string, i int) (end int) {
	for first := true; ; first = false {
		label := i
		for i < len(s) {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != '-' && !inLabel(r) {
				break
			}
			i += size
		}
		if i == label {
			return end
		}
		if !first && topLevel(s[label:i]) {
			end = i
		}
		if i == len(s) || s[i] != '.' {
			return end
		}
		i++
	}
}

// inLabel reports whether r is a letter or a digit of a domain name.
func inLabel(r rune) bool {
	if r < utf8.RuneSelf {
		return alphanumeric(byte(r))
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// topLevel reports whether a label can be the last one of a domain. It excludes
// numbers: "module@v1.2.3" is a module with its version.
func topLevel(label string) bool {
	if strings.HasPrefix(label, "xn--") {
		return true
	}
	return len(label) >= 2 && strings.IndexFunc(label, digitOrHyphen) < 0
}

func digitOrHyphen(r rune) bool { return r == '-' || '0' <= r && r <= '9' }

func findIBAN(s string, from int) (start, end int) {
	for start = from; start+4 < len(s); start++ {
		if !letter(s[start]) || !letter(s[start+1]) || start > 0 && alphanumeric(s[start-1]) {
			continue
		}
		if end = ibanEnd(s, start); end > 0 {
			return start, end
		}
	}
	return -1, -1
}

// ibanEnd returns the end of the IBAN that begins at start, or 0 if there is none. It
// returns the longest one that has correct check digits and the length of its country.
func ibanEnd(s string, start int) (end int) {
	const shortest, longest = 15, 34
	remainder, first, n := 0, 0, 0 // first is the remainder of the first four characters
	for i := start; i < len(s) && n < longest; {
		c := s[i]
		if !alphanumeric(c) {
			size := groupSeparator(s[i:])
			if size == 0 || i+size == len(s) || !alphanumeric(s[i+size]) {
				return end
			}
			i += size
			continue
		}
		if n == 2 || n == 3 {
			if !digit(c) {
				return 0
			}
		}
		if n < 4 {
			first = mod97(first, c)
		} else {
			remainder = mod97(remainder, c)
		}
		n++
		i++
		if n < shortest || i < len(s) && alphanumeric(s[i]) {
			continue
		}
		// The first four characters are moved to the end. They are six digits: two
		// letters of two digits each, and two digits.
		if (remainder*1e6+first)%97 == 1 && ibanLength(s[start:start+2], n) {
			end = i
		}
	}
	return end
}

// mod97 returns the remainder after appending a digit, or the two digits of a letter,
// to a number with the given remainder.
func mod97(remainder int, c byte) int {
	if digit(c) {
		return (remainder*10 + int(c-'0')) % 97
	}
	return (remainder*100 + int(c|0x20-'a') + 10) % 97
}

// ibanLengths lists the lengths in the registry of SWIFT by country.
const ibanLengths = "" +
	"AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18" +
	"FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20" +
	"LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24" +
	"SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"

// ibanLength reports whether IBANs of the country have n characters. It returns true
// for an unknown country.
func ibanLength(country string, n int) bool {
	for i := 0; i < len(ibanLengths); i += 4 {
		if strings.EqualFold(ibanLengths[i:i+2], country) {
			return n == int(ibanLengths[i+2]-'0')*10+int(ibanLengths[i+3]-'0')
		}
	}
	return true
}

// groupSeparator returns the size of the separator between groups of digits at the
// beginning of s: a space, a no-break space or a hyphen. It returns 0 if there is none.
func groupSeparator(s string) int {
	for _, sep := range []string{" ", "-", "\u00A0", "\u202F"} {
		if strings.HasPrefix(s, sep) {
			return len(sep)
		}
	}
	return 0
}

// findCard looks for 13 to 19 digits with the first digit of a payment card.
func findCard(s string, from int) (start, end int) {
	for start = from; start < len(s); start++ {
		if s[start] < '2' || s[start] > '6' || start > 0 && alphanumeric(s[start-1]) {
			continue
		}
		if end = cardEnd(s, start); end > 0 {
			return start, end
		}
	}
	return -1, -1
}

// cardEnd returns the end of the longest card number with a correct check digit that
// begins at start, or 0 if there is none.
func cardEnd(s string, start int) (end int) {
	const shortest, longest = 13, 19
	var digits [longest]byte
	n := 0
	for i := start; i < len(s) && n < longest; {
		if !digit(s[i]) {
			size := groupSeparator(s[i:])
			if size == 0 || i+size == len(s) || !digit(s[i+size]) {
				return end
			}
			i += size
			continue
		}
		digits[n] = s[i] - '0'
		n++
		i++
		if n >= shortest && (i == len(s) || !alphanumeric(s[i])) && luhn(digits[:n]) {
			end = i
		}
	}
	return end
}

// luhn reports whether the last digit is the check digit of ISO/IEC 7812.
func luhn(digits []byte) bool {
	sum := 0
	for i, d := range digits {
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += int(d)
	}
	return sum%10 == 0
}
