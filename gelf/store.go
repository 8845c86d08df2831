package gelf

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// setField stores a value under a name and replaces an earlier one (graylog-server:
// Message.addField). There is an earlier one only if the key has white space.
func (d *decoder) setField(key, name string, v any) error {
	text, isText := v.(string)
	switch name {
	case "message", "source":
		if !isText {
			return fmt.Errorf(
				"gelf: field %q sets %s to a number: Graylog loses the message and all others of its batch",
				key,
				name,
			)
		}
		if name == "source" {
			d.msg.Source, d.hasSource = text, true
		} else {
			d.msg.Message, d.hasText = text, true
		}
		return nil
	case "full_message":
		d.msg.FullMessage = textOf(v)
		return nil
	case "timestamp":
		if isText {
			d.timestampText(key, text)
		} else {
			d.report(key, ActionDropped, "not a text with a time")
		}
		return nil
	case "level":
		d.msg.Level = -1
		delete(d.msg.Fields, name)
		if n, ok := v.(int64); ok && 0 <= n && n <= math.MaxInt32 {
			d.msg.Level = int(n)
			return nil
		}
	}
	if strings.IndexByte(name, '.') >= 0 {
		d.dotted = append(d.dotted, name, key)
		d.msg.Fields[name] = v
		return nil
	}
	return d.store(key, name, v)
}

// timestampText sets the timestamp from a text in the format of the index. Graylog
// reads it only from a key with white space (graylog-server: DateTimeConverter).
func (d *decoder) timestampText(key, text string) {
	t, ok := parseDate(text)
	if !ok {
		t = time.Time{}
		d.report(key, ActionDropped, "not a time of the form "+indexDate+"; Graylog uses the time of arrival")
	}
	d.msg.Timestamp = t
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return string(appendJavaDouble(nil, v))
	}
	return fmt.Sprint(v)
}

// replaceDots renames fields with dots to their names in the index (graylog-server:
// Message.toElasticSearchObject). If two get the same name, the first in the frame is
// kept. Graylog keeps either, depending on its hash table.
func (d *decoder) replaceDots() error {
	for i := 0; i < len(d.dotted); i += 2 {
		name, key := d.dotted[i], d.dotted[i+1]
		v, ok := d.msg.Fields[name]
		if !ok {
			continue // stored twice, by keys that differ in white space
		}
		delete(d.msg.Fields, name)
		plain := strings.ReplaceAll(name, ".", "_")
		if _, taken := d.msg.Field(plain); taken {
			d.report(key, ActionDropped, "dots become underscores, and the message has "+plain+" already")
			continue
		}
		d.report(key, ActionRenamed, "dots become underscores: "+plain)
		if plain == "full_message" {
			d.msg.FullMessage = textOf(v)
		} else if err := d.store(key, plain, v); err != nil {
			return err
		}
	}
	return nil
}
