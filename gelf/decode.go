package gelf

import (
	"fmt"
	"sync"
)

// Decode returns what Graylog would store of one frame, which stands without
// its NUL and may be compressed with gzip or zlib. It may be called from
// several goroutines at once and keeps nothing of frame.
//
// The findings name each field that Graylog does not store as it was sent. What
// every GELF message goes through gives none: the underscore that is taken off,
// host and short_message under their stored names, version not stored, a
// timestamp rounded to milliseconds.
//
// An error means that Graylog stores nothing at all. It says what is wrong, in
// which field or at which byte of the (decompressed) frame.
func Decode(frame []byte) (Message, []Finding, error) {
	plain, err := inflate(frame)
	if err != nil {
		return Message{}, nil, err
	}
	d := decoders.Get().(*decoder)
	defer d.release()
	if err := d.parse(javaText(plain)); err != nil {
		return Message{}, nil, err
	}
	if err := d.build(); err != nil {
		return Message{}, nil, err
	}
	return d.msg, d.findings, nil
}

// A std is one of the names that Graylog looks at before all others.
type std int8

const (
	stdNone std = iota
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

func stdOf(key string) std {
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
	std  std
	used bool // its value is stored already, as a standard field
}

// A decoder holds what one frame says and the message that comes of it.
type decoder struct {
	scan    scanner
	members []member
	std     [stdCount]int // index in members + 1, 0 if absent

	msg       Message
	findings  []Finding
	hasText   bool // the message has its text
	hasSource bool
	dotted    []string // stored names with a dot, and the keys they came from
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// release gives d back, without what it refers to.
func (d *decoder) release() {
	clear(d.members)
	clear(d.dotted)
	out, spans, members, dotted := d.scan.out[:0], d.scan.spans[:0], d.members[:0], d.dotted[:0]
	if cap(out)+cap(spans)*24+cap(members)*64 > 256<<10 {
		return // rare, and too much to keep
	}
	*d = decoder{members: members, dotted: dotted}
	d.scan.out, d.scan.spans = out, spans
	decoders.Put(d)
}

// parse reads the frame's members, of equal keys the last value at the place
// of the first.
func (d *decoder) parse(text string) error {
	d.scan.text, d.scan.i = text, 0
	var place map[string]int // of a key, once there are many
	err := d.scan.members(func(key string, v value) error {
		m := member{key: key, val: v, std: stdOf(key)}
		i := -1
		switch {
		case m.std != stdNone:
			i = d.std[m.std] - 1
			if i < 0 {
				d.std[m.std] = len(d.members) + 1
			}
		case place != nil:
			if at, ok := place[key]; ok {
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
			d.find(key, Dropped, "a later value of the same key wins")
			d.members[i] = m
			return nil
		}
		d.members = append(d.members, m)
		if place != nil {
			place[key] = len(d.members) - 1
		} else if len(d.members) == 64 {
			place = make(map[string]int, 256)
			for j := range d.members {
				place[d.members[j].key] = j
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.scan.behind()
}

func (d *decoder) find(field string, action Action, reason string) {
	d.findings = append(d.findings, Finding{field, action, reason})
}

// get returns a standard member, nil if the frame has none.
func (d *decoder) get(s std) *member {
	if i := d.std[s]; i > 0 {
		return &d.members[i-1]
	}
	return nil
}

// build makes the message (graylog-server: GelfDecoder.decode).
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
	if err := d.undot(); err != nil {
		return err
	}
	switch {
	case d.msg.Message == "": // trimmed away (Message.isComplete)
		return fmt.Errorf("gelf: short_message is blank")
	case len(d.msg.Source) > MaxField: // analyzed as one word
		return tooLong("host", d.msg.Source)
	case d.msg.Timestamp.Year() > 9999:
		return fmt.Errorf("gelf: timestamp is in the year %d; the index takes four digits and refuses the message", d.msg.Timestamp.Year())
	}
	return nil
}

// validate refuses a frame without a host or a text that can be stored
// (GelfDecoder.validateGELFMessage).
func (d *decoder) validate() error {
	if host := d.get(stdHost); host != nil {
		if host.val.kind != kindString {
			return fmt.Errorf("gelf: host is no text but a value of type %s", host.val.kind)
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
		return fmt.Errorf("gelf: neither short_message nor message")
	}
	if text.val.kind != kindString {
		return fmt.Errorf("gelf: %s is no text but a value of type %s", name, text.val.kind)
	}
	if javaBlank(text.val.text) && (message == nil || javaBlank(asText(message.val))) {
		return fmt.Errorf("gelf: %s is blank", name)
	}
	return nil
}
