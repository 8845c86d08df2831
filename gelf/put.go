package gelf

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// put stores a value under a name, over what is there (graylog-server:
// Message.addField). Only a key with white space in it gets here with the name
// of something that the message has already.
func (d *decoder) put(key, name string, v any) error {
	text, isText := v.(string)
	switch name {
	case "message", "source":
		if !isText {
			return fmt.Errorf("gelf: field %q makes a number of %s, at which Graylog loses this message and all that it writes with it", key, name)
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
			d.find(key, Dropped, "no text that is a time")
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

// timestampText takes a time in the index's own form, which only counts under a
// key with white space in it (graylog-server: DateTimeConverter).
func (d *decoder) timestampText(key, text string) {
	t, ok := parseDate(text)
	if !ok {
		t = time.Time{}
		d.find(key, Dropped, "no time of the form "+indexDate+"; Graylog takes the time of arrival")
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

// undot gives the fields with dots the names they are indexed under
// (graylog-server: Message.toElasticSearchObject). Of two that become the same,
// the first in the frame is taken; Graylog takes either, by its hash table.
func (d *decoder) undot() error {
	for i := 0; i < len(d.dotted); i += 2 {
		name, key := d.dotted[i], d.dotted[i+1]
		v, ok := d.msg.Fields[name]
		if !ok {
			continue // put twice, by keys that differ in white space
		}
		delete(d.msg.Fields, name)
		plain := strings.ReplaceAll(name, ".", "_")
		if _, taken := d.msg.Field(plain); taken {
			d.find(key, Dropped, "dots become underscores, and the message has "+plain+" already")
			continue
		}
		d.find(key, Renamed, "dots become underscores: "+plain)
		if plain == "full_message" {
			d.msg.FullMessage = textOf(v)
		} else if err := d.store(key, plain, v); err != nil {
			return err
		}
	}
	return nil
}
