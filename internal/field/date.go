package field

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// The index of Graylog takes a text for a date if it has one of two forms:
// strict_date_optional_time, which is ISO 8601 with zones such as Z, +0800 or
// Europe/Paris, or yyyy/MM/dd with or without a time. If the text is the first value of a
// field, the field becomes a date field. If the field already contains other texts, the
// record is lost. The forms were tested with OpenSearch 2.19.

// maxDate is the maximum length in bytes of a text that dateKind examines. Graylog does
// not take longer texts for dates.
const maxDate = 64

// MayBeDate reports whether dateKind has to examine a text, which must not be empty. It
// must be fast because it is called for almost every text.
func MayBeDate(s string) bool {
	c := s[0]
	if '0' <= c && c <= '9' {
		return len(s) > len("2026") && (s[4] == '-' || s[4] == '/' || s[4] == 'T')
	}
	return c <= ' ' || c == '+' || c == '-'
}

// dateKind returns the kind of a text.
func dateKind(s string) Kind {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) // as Graylog does
	if len(s) > maxDate || s == "" || !MayBeDate(s) {
		return KindText
	}
	unsigned := s
	if s[0] == '+' || s[0] == '-' {
		unsigned = s[1:]
	}
	form := shape(unsigned)
	year := len(form) - len(strings.TrimLeft(form, "0"))
	signed := len(unsigned) < len(s)
	if year < len("2026") || year > len("2026") && !signed || year == len(form) {
		return KindText
	}
	switch rest := form[year:]; rest[0] {
	case '/':
		return slashKind(s, rest)
	case '-', 'T':
		return isoKind(unsigned[year:], rest, unsigned[:4], signed)
	}
	return KindText
}

// shape returns the text with each digit replaced by 0.
func shape(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return '0'
		}
		return r
	}, s)
}

// slashKind returns the kind of a text with this form after the year. If the day does
// not exist, the index would reject the record.
func slashKind(s, form string) Kind {
	layout, ok := map[string]string{"/00/00": "2006/01/02", "/00/00 00:00:00": "2006/01/02 15:04:05"}[form]
	if !ok {
		return KindText
	}
	if t, err := time.Parse(layout, s); err != nil || t.Year() == 0 {
		return KindOddDate
	}
	return KindSlashDate
}

// isoKind returns the kind of a text that has rest, with this form, after a year. The
// index also accepts years with a sign.
func isoKind(rest, form, year string, signed bool) Kind {
	date, _, hasClock := strings.Cut(form, "T")
	switch date {
	case "", "-00", "-00-00":
	default:
		return KindText
	}
	day := year + rest[:len(date)] + "-01-01"[len(date):]
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return KindText // the index does not accept it as a date either
	}
	if !hasClock {
		if signed {
			return KindOddDate
		}
		return KindDate
	}
	clock := rest[len(date)+len("T"):]
	switch {
	case clock != "" && !strings.HasPrefix(shape(clock), "00"):
		return KindText
	case signed || !validClock(clock):
		return KindOddDate
	}
	return KindDate
}

// validClock reports whether a text is a time of day, with or without a zone, that
// every version of the index accepts.
func validClock(s string) bool {
	clock, zoned := strings.CutSuffix(s, "Z")
	if i := strings.LastIndexAny(clock, "+-"); i >= 0 && !zoned {
		var offset string
		clock, offset = clock[:i], clock[i+1:]
		switch shape(offset) {
		case "00", "0000", "00:00":
		default:
			return false
		}
		if offset > "17:59" && offset != "18" && offset != "1800" && offset != "18:00" {
			return false
		}
	}
	whole, fraction, hasFraction := strings.Cut(strings.Replace(clock, ",", ".", 1), ".")
	layout := map[string]string{"00": "15", "00:00": "15:04", "00:00:00": time.TimeOnly}[shape(whole)]
	if _, err := time.Parse(layout, whole); err != nil || layout == "" {
		return false
	}
	n := len(fraction)
	return !hasFraction || layout == time.TimeOnly && 1 <= n && n <= 9 && strings.Trim(fraction, "0123456789") == ""
}

// AppendText appends s as a JSON string for a field of texts. If the index could take s
// for a date, AppendText adds quotation marks that become part of the text.
func AppendText(dst []byte, s string) []byte {
	if s != "" && MayBeDate(s) && dateKind(s) != KindText {
		return jsontext.AppendString(dst, string(jsontext.AppendString(nil, s)))
	}
	return jsontext.AppendString(dst, s)
}

// IsoDate converts a JSON string of [KindSlashDate] to the form of [KindDate].
func IsoDate(value []byte) []byte {
	var s string
	json.Unmarshal(value, &s) // cannot fail: the encoder has written the value
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.ReplaceAll(s, "/", "-")
	return jsontext.AppendString(nil, strings.Replace(s, " ", "T", 1))
}

// Indexed reports whether the index can store a time in every time zone. It stores the
// years 0 to 9999.
func Indexed(t time.Time) bool {
	const day, first, end = 24 * 60 * 60, -62167219200, 253402300800
	s := t.Unix()
	return first+day <= s && s < end-day
}
