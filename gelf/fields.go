package gelf

import (
	"fmt"
	"strconv"
	"time"
)

// standard stores the standard fields.
func (d *decoder) standard() error {
	if m := d.get(stdTimestamp); m != nil {
		d.timestamp(m)
	}
	if m := d.get(stdShort); m != nil {
		m.used = true
		d.hasText = true
		d.msg.Message = d.trim(m.key, m.val.text)
	}
	if m := d.get(stdHost); m != nil {
		m.used = true
		d.hasSource = true
		d.msg.Source = d.trim(m.key, m.val.text)
	}
	if m := d.get(stdFull); m != nil {
		if t := d.standardText(m); t != "" {
			d.msg.FullMessage = t
		}
	}
	for _, s := range [...]stdField{stdFile, stdFacility} {
		if m := d.get(s); m != nil {
			if t := d.standardText(m); t != "" {
				if err := d.store(m.key, m.key, t); err != nil {
					return err
				}
			}
		}
	}
	if m := d.get(stdLine); m != nil {
		if n, altered := asLong(m.val); n > -1 {
			d.msg.Fields["line"] = n
			m.used = true
			d.altered(m, altered)
		}
	}
	if m := d.get(stdLevel); m != nil {
		if n, altered := asInt(m.val); n > -1 {
			d.msg.Level = int(n)
			m.used = true
			d.altered(m, altered)
		}
	}
	return nil
}

func (d *decoder) altered(m *member, yes bool) {
	if yes {
		d.report(m.key, ActionAltered, fmt.Sprintf("%s is read as an integer", m.val.kind))
	}
}

// standardText returns the trimmed text of a field that Graylog reads as text,
// whatever its type is. It returns "" for a blank text, which is treated like that of
// an additional field.
func (d *decoder) standardText(m *member) string {
	t := asText(m.val)
	if t == "" || javaTrim(t) == "" {
		return ""
	}
	m.used = true
	if m.val.kind != kindString {
		d.report(m.key, ActionAltered, fmt.Sprintf("%s is stored as text", m.val.kind))
		return t
	}
	return d.trim(m.key, t)
}

func (d *decoder) trim(key, text string) string {
	t := javaTrim(text)
	if len(t) != len(text) {
		d.report(key, ActionAltered, "white space around the text is removed")
	}
	return t
}

// timestamp reads Unix seconds (GelfDecoder.timestampValue,
// Tools.dateTimeFromDouble).
func (d *decoder) timestamp(m *member) {
	m.used = true
	const arrival = "Graylog uses the time of arrival"
	f := -1.0
	switch m.val.kind {
	case kindInt, kindFloat:
		f, _ = strconv.ParseFloat(m.val.text, 64)
	case kindString:
		var ok bool
		if f, ok = javaParseDouble(m.val.text); !ok {
			d.report(m.key, ActionDropped, "not a number; "+arrival)
			return
		}
	default:
		d.report(m.key, ActionDropped, m.val.kind.String()+" is not a time; "+arrival)
		return
	}
	if f <= 0 {
		d.report(m.key, ActionDropped, "not above zero; "+arrival)
		return
	}
	if f != f {
		f = 0 // NaN is not <= 0, and Math.round returns 0
	}
	d.msg.Timestamp = time.UnixMilli(javaRound(f * 1000)).UTC()
}

// additional stores a field that is not standard, or that could not be stored as
// one.
func (d *decoder) additional(m *member) error {
	key := m.key
	if len(key) > 1 && key[0] == '_' {
		key = key[1:]
	}
	if reason := d.skipped(key); reason != "" {
		d.report(m.key, ActionDropped, reason)
		return nil
	}
	name := javaTrim(key)
	if javaReserved(name) {
		d.report(m.key, ActionDropped, "the name is reserved for the index")
		return nil
	}
	if !validName(name) {
		d.report(m.key, ActionDropped, "a key may contain only ASCII letters, digits and _ . - @")
		return nil
	}
	var v any
	switch m.val.kind {
	case kindString:
		t := d.trim(m.key, m.val.text)
		if t == "" {
			d.dropTrimmed(m.key, len(m.val.text) > 0)
			return nil
		}
		v = t
	case kindInt:
		n, exact := javaParseLong(m.val.text)
		if !exact {
			d.report(m.key, ActionAltered, "only the lowest 64 bits of an integer are kept")
		}
		v = n
	case kindFloat:
		f, _ := strconv.ParseFloat(m.val.text, 64)
		v = f
	case kindObject, kindArray:
		d.report(m.key, ActionAltered, m.val.kind.String()+" is stored as JSON text")
		v = m.val.text
	default:
		d.report(m.key, ActionDropped, m.val.kind.String()+" is not stored")
		return nil
	}
	return d.setField(m.key, name, v)
}

// dropTrimmed reports that a text is blank, and removes the finding that it was
// trimmed.
func (d *decoder) dropTrimmed(key string, trimmed bool) {
	if trimmed {
		d.findings = d.findings[:len(d.findings)-1]
	}
	d.report(key, ActionDropped, "a blank text is not stored")
}

// skipped returns why Graylog ignores a name, or "" if it does not.
func (d *decoder) skipped(key string) string {
	switch key {
	case "short_message", "host":
		return "the name is reserved by GELF"
	case "message":
		if !d.hasText {
			return ""
		}
	case "source":
		if !d.hasSource {
			return ""
		}
	case "timestamp":
	case "full_message":
		if d.msg.FullMessage == "" {
			return ""
		}
	case "level":
		if d.msg.Level < 0 {
			if _, ok := d.msg.Fields[key]; !ok {
				return ""
			}
		}
	default:
		if _, ok := d.msg.Fields[key]; !ok {
			return ""
		}
	}
	return "the message has " + key + " already"
}
