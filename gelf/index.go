package gelf

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// What the index behind Graylog does to a field. The metadata names and the
// numbers were measured on OpenSearch 2.19.

// indexDate is how Graylog hands a time to the index, which refuses a year of
// five digits.
const indexDate = "2006-01-02 15:04:05.000"

// maxFloat is the largest number that the index takes in a field of type float,
// which it gives to numbers with a point: what a float of 32 bits rounds to the
// largest one that there is.
const maxFloat = math.MaxFloat32 + 0x1p103

// javaReserved are the names that Graylog takes from nobody, so that such a
// field is lost but not its message (graylog-server: Message.ES_FIELDS).
func javaReserved(name string) bool {
	switch name {
	case "_all", "_id", "_index", "_score", "_source", "_ttl", "_type":
		return true
	}
	return false
}

// validName tells whether a name has no other characters than Graylog takes
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

// store puts a field into the message under the name that the index has it
// under. An error means that the index refuses the document as a whole.
func (d *decoder) store(key, name string, v any) error {
	switch {
	case name == "":
		return fmt.Errorf("gelf: field %q has an empty name; the index refuses the message", key)
	case name[0] == '_' && metadata(name, v):
		return fmt.Errorf("gelf: field %q has a name of the index's own, %s; the index refuses the message", key, name)
	case name == "streams", strings.HasPrefix(name, "gl2_") && serverSets(name):
		d.find(key, Dropped, "Graylog sets "+name+" itself")
		return nil
	case name == "gl2_second_sort_field", name == "gl2_original_timestamp" && !isDate(v):
		return fmt.Errorf("gelf: field %q is Graylog's own; the index refuses such a value and the message with it", key)
	}
	switch x := v.(type) {
	case string:
		if len(x) > MaxField {
			return tooLong(key, x)
		}
		if name == "level" {
			if _, ok := javaDouble(x); !ok {
				return fmt.Errorf("gelf: level is the text %.40q; the index has it as a number and refuses the message", x)
			}
		}
	case float64:
		if math.IsInf(x, 0) {
			d.find(key, Altered, "a number beyond the range of a double is stored as text; where the index has the field as a number, the message is lost")
			v = string(appendJavaDouble(nil, x))
		} else if math.Abs(x) > maxFloat {
			return fmt.Errorf("gelf: field %q is beyond the range of a float (3.4e38), which the index has numbers with a point as; it refuses the message", key)
		}
	}
	d.msg.Fields[name] = v
	return nil
}

func tooLong(key, text string) error {
	return fmt.Errorf("gelf: field %q has %d bytes; the index takes at most %d in a field and refuses the message", key, len(text), MaxField)
}

// metadata are the names that a document must not have, as the index keeps
// them for data of its own. One of them may be a count.
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

// serverSets are the fields that Graylog sets after decoding, whatever a frame
// says. Of the other names with this prefix anyone sets any.
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

// parseDate reads a time of the form indexDate, as Joda-Time does: digits may be
// missing, the fraction may not, and it has three digits at most.
func parseDate(text string) (time.Time, bool) {
	t, err := time.Parse("2006-1-2 15:4:5", text)
	_, fraction, ok := strings.Cut(text, ".")
	return t, err == nil && ok && len(fraction) <= len("000")
}
