package gelf

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// This file contains the rules of the index. The metadata names and the limits were
// measured on OpenSearch 2.19.

// indexDate is the format in which Graylog sends a time to the index. The index
// rejects years of five digits.
const indexDate = "2006-01-02 15:04:05.000"

// maxFloat is the largest number that the index accepts in a field of type float, the
// type of numbers with a decimal point. It is the largest number that rounds to
// math.MaxFloat32.
const maxFloat = math.MaxFloat32 + 0x1p103

// Reserved reports whether a sender must not use a field name, given without the
// underscore that it has in a frame. Graylog drops or overwrites a field with
// such a name, or rejects the whole message:
//
//   - the names of GELF 1.1 itself
//   - the names of Graylog's own fields, including all that begin with gl2_
//     (graylog-server: Message.RESERVED_FIELDS)
//   - the names of the index's metadata
func Reserved(name []byte) bool {
	switch string(name) {
	case "source", "message", "timestamp", "level", "streams",
		"version", "host", "short_message", "full_message", "facility", "id":
		return true
	}
	if len(name) > 0 && name[0] == '_' {
		return javaReserved(string(name)) || metadata(string(name), "")
	}
	return len(name) >= 4 && string(name[:4]) == "gl2_"
}

// javaReserved reports whether Graylog drops a field with this name, but not its
// message (graylog-server: Message.ES_FIELDS).
func javaReserved(name string) bool {
	switch name {
	case "_all", "_id", "_index", "_score", "_source", "_ttl", "_type":
		return true
	}
	return false
}

// validName reports whether Graylog accepts all characters of a name
// (graylog-server: Message.validKey).
func validName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '_', c == '.', c == '-', c == '@':
		default:
			return false
		}
	}
	return true
}

// store stores a field under its name in the index. An error means that the index
// rejects the whole message.
func (d *decoder) store(key, name string, v any) error {
	switch {
	case name == "":
		return fmt.Errorf("gelf: field %q has an empty name; the index rejects the message", key)
	case name[0] == '_' && metadata(name, v):
		return fmt.Errorf("gelf: field %q has the name %s, which is reserved for the index; it rejects the message",
			key, name)
	case name == "streams", strings.HasPrefix(name, "gl2_") && serverSets(name):
		d.report(key, ActionDropped, "Graylog sets "+name+" itself")
		return nil
	case name == "gl2_second_sort_field", name == "gl2_original_timestamp" && !isDate(v):
		return fmt.Errorf("gelf: field %q is reserved by Graylog; the index rejects the value and the message", key)
	}
	switch x := v.(type) {
	case string:
		if len(x) > MaxField {
			return tooLong(key, x)
		}
		if name == "level" {
			if _, ok := javaParseDouble(x); !ok {
				return fmt.Errorf(
					"gelf: level is the text %.40q; the index accepts only numbers, and rejects the message",
					x,
				)
			}
		}
	case float64:
		if math.IsInf(x, 0) {
			d.report(key, ActionAltered, "a number beyond the range of a double is stored as text; "+
				"if the field is a number in the index, the message is lost")
			v = string(appendJavaDouble(nil, x))
		} else if math.Abs(x) > maxFloat {
			return fmt.Errorf(
				"gelf: field %q is beyond the range of a float (3.4e38), the index's type of numbers with "+
					"a decimal point; the index rejects the message",
				key,
			)
		}
	}
	d.msg.Fields[name] = v
	return nil
}

func tooLong(key, text string) error {
	return fmt.Errorf("gelf: field %q has %d bytes; the index accepts at most %d in a field and rejects the message",
		key, len(text), MaxField)
}

// metadata reports whether the index rejects a message because of a field with this
// name. The names are reserved for metadata. _doc_count may be a positive integer.
func metadata(name string, v any) bool {
	switch name {
	case "_data_stream_timestamp", "_field_names", "_id", "_ignored", "_index",
		"_nested_path", "_primary_term", "_routing", "_seq_no", "_source", "_version":
		return true
	case "_doc_count":
		n, ok := v.(int64)
		return !ok || n < 1
	}
	return false
}

// serverSets reports whether Graylog overwrites a field after decoding. Other names
// with the prefix gl2_ are ordinary.
func serverSets(name string) bool {
	switch name {
	case "gl2_accounted_message_size", "gl2_message_id", "gl2_processing_duration_ms",
		"gl2_processing_timestamp", "gl2_receive_timestamp", "gl2_remote_ip",
		"gl2_remote_port", "gl2_source_input", "gl2_source_node":
		return true
	}
	return false
}

func isDate(v any) bool {
	text, ok := v.(string)
	if ok {
		_, ok = parseDate(text)
	}
	return ok
}

// parseDate parses a time in the format indexDate like Joda-Time: leading zeros are
// optional, and the fraction has one to three digits.
func parseDate(text string) (time.Time, bool) {
	t, err := time.Parse("2006-1-2 15:4:5", text)
	_, fraction, ok := strings.Cut(text, ".")
	return t, err == nil && ok && len(fraction) <= len("000")
}
