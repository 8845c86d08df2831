package gelf

import (
	"fmt"
	"sync"
)

// Decode returns what Graylog would store of a frame. The frame has no NUL and may be
// compressed with gzip or zlib. Decode is safe for concurrent use and does not keep
// the frame.
//
// The findings describe each field that Graylog does not store as sent. Changes that
// apply to every message are not findings: the leading underscore is removed, host
// and short_message get their stored names, version is not stored, and the timestamp
// is rounded to milliseconds.
//
// An error means that Graylog rejects the whole message. It contains the field, or
// the byte of the (decompressed) frame, and the reason.
func Decode(frame []byte) (Message, []Finding, error) {
	plain, err := inflate(frame)
	if err != nil {
		return Message{}, nil, err
	}
	d := decoders.Get().(*decoder)
	defer d.release()
	if err := d.parse(javaDecodeUTF8(plain)); err != nil {
		return Message{}, nil, err
	}
	if err := d.build(); err != nil {
		return Message{}, nil, err
	}
	return d.msg, d.findings, nil
}

// A stdField is a field that Graylog decodes before all others.
type stdField int8

const (
	stdNone stdField = iota
	stdHost
	stdShort
	stdMessage
	stdTimestamp
	stdFull
	stdFile
	stdLine
	stdLevel
	stdFacility
	stdVersion
	stdCount
)

func stdFieldOf(key string) stdField {
	switch key {
	case "host":
		return stdHost
	case "short_message":
		return stdShort
	case "message":
		return stdMessage
	case "timestamp":
		return stdTimestamp
	case "full_message":
		return stdFull
	case "file":
		return stdFile
	case "line":
		return stdLine
	case "level":
		return stdLevel
	case "facility":
		return stdFacility
	case "version":
		return stdVersion
	}
	return stdNone
}

// A member is one key of the frame with its value.
type member struct {
	key  string
	val  value
	std  stdField
	used bool // stored as a standard field
}

// A decoder holds the members of a frame and the message made from them.
type decoder struct {
	scan    scanner
	members []member
	std     [stdCount]int // index in members + 1, or 0 if absent

	msg       Message
	findings  []Finding
	hasText   bool // Message.Message is set
	hasSource bool
	dotted    []string // pairs of a stored name with a dot and its key
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// release returns d to the pool without references to the frame.
func (d *decoder) release() {
	clear(d.members)
	clear(d.dotted)
	out, spans, members, dotted := d.scan.out[:0], d.scan.spans[:0], d.members[:0], d.dotted[:0]
	if cap(out)+cap(spans)*24+cap(members)*64 > 256<<10 {
		return // rare, and too large to keep
	}
	*d = decoder{members: members, dotted: dotted}
	d.scan.out, d.scan.spans = out, spans
	decoders.Put(d)
}

// parse reads the members of the frame. Of equal keys, the last value replaces the
// first.
func (d *decoder) parse(text string) error {
	d.scan.text, d.scan.i = text, 0
	var index map[string]int // of keys, if there are many
	err := d.scan.members(func(key string, v value) error {
		m := member{key: key, val: v, std: stdFieldOf(key)}
		i := -1
		switch {
		case m.std != stdNone:
			i = d.std[m.std] - 1
			if i < 0 {
				d.std[m.std] = len(d.members) + 1
			}
		case index != nil:
			if at, ok := index[key]; ok {
				i = at
			}
		default:
			for j := range d.members {
				if d.members[j].key == key {
					i = j
					break
				}
			}
		}
		if i >= 0 {
			d.report(key, ActionDropped, "a later value of the same key wins")
			d.members[i] = m
			return nil
		}
		d.members = append(d.members, m)
		if index != nil {
			index[key] = len(d.members) - 1
		} else if len(d.members) == 64 {
			index = make(map[string]int, 256)
			for j := range d.members {
				index[d.members[j].key] = j
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.scan.trailing()
}

func (d *decoder) report(field string, action Action, reason string) {
	d.findings = append(d.findings, Finding{field, action, reason})
}

// get returns a standard member, or nil if the frame does not have it.
func (d *decoder) get(s stdField) *member {
	if i := d.std[s]; i > 0 {
		return &d.members[i-1]
	}
	return nil
}

// build sets the message (graylog-server: GelfDecoder.decode).
func (d *decoder) build() error {
	if err := d.validate(); err != nil {
		return err
	}
	d.msg.Level = -1
	d.msg.Fields = make(map[string]any, len(d.members))
	if err := d.standard(); err != nil {
		return err
	}
	for i := range d.members {
		m := &d.members[i]
		if m.std == stdVersion || m.used {
			continue
		}
		if err := d.additional(m); err != nil {
			return err
		}
	}
	if err := d.replaceDots(); err != nil {
		return err
	}
	switch {
	case d.msg.Message == "": // after trimming (Message.isComplete)
		return fmt.Errorf("gelf: short_message is blank")
	case len(d.msg.Source) > MaxField: // analyzed as one word
		return tooLong("host", d.msg.Source)
	case d.msg.Timestamp.Year() > 9999:
		return fmt.Errorf("gelf: timestamp is in the year %d; the index accepts four digits and rejects the message",
			d.msg.Timestamp.Year())
	}
	return nil
}

// validate rejects a frame with an invalid host, or without a text that can be stored
// (GelfDecoder.validateGELFMessage).
func (d *decoder) validate() error {
	if host := d.get(stdHost); host != nil {
		if host.val.kind != kindString {
			return fmt.Errorf("gelf: host must be a string, not %s", host.val.kind.noun())
		}
		if javaBlank(host.val.text) {
			return fmt.Errorf("gelf: host is blank")
		}
	}
	short, message := d.get(stdShort), d.get(stdMessage)
	text, name := short, "short_message"
	if text == nil {
		text, name = message, "message"
	}
	if text == nil {
		return fmt.Errorf("gelf: neither short_message nor message is present")
	}
	if text.val.kind != kindString {
		return fmt.Errorf("gelf: %s must be a string, not %s", name, text.val.kind.noun())
	}
	if javaBlank(text.val.text) && (message == nil || javaBlank(asText(message.val))) {
		return fmt.Errorf("gelf: %s is blank", name)
	}
	return nil
}
