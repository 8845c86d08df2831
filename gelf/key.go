package gelf

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"unicode/utf8"
)

// MaxName is the longest name of a field that [AppendName] makes, in bytes. It
// is far below what Graylog's JSON parser (50,000) and its index refuse.
const MaxName = 512

// emptyName stands for a key with nothing in it: the index refuses a message
// with an empty field name.
const emptyName = "_"

// AppendName appends to dst the name under which an attribute's value is
// stored, so that Graylog neither drops nor renames it, and returns the
// extended slice. A frame carries the name behind one more underscore.
//
// Group is the path of the groups that the attribute is in, as [AppendGroup]
// made it. Outside of groups one leading underscore is stripped. Each
// character outside [A-Za-z0-9_@-] becomes "_" (a dot too, because the index
// makes it one), and a name that is [Reserved] gets a trailing "_".
//
// Some keys would share a name with many others. A key that has no letter or
// digit of ASCII left gets a hash of the key, so "имя" and "вес" differ. A name
// longer than [MaxName] is cut and ends with a hash of the whole name.
func AppendName(dst, group []byte, key string) []byte {
	start := len(dst)
	dst = append(dst, group...)
	if len(group) == 0 && key != "" && key[0] == '_' {
		key = key[1:]
	}
	dst = appendClean(dst, key)
	if len(dst) == start {
		return append(dst, emptyName...)
	}
	if name := dst[start:]; len(name) > MaxName-1 {
		return appendHash(dst[:start+MaxName-1-hashLen], name)
	}
	if Reserved(dst[start:]) {
		dst = append(dst, '_')
	}
	return dst
}

// AppendGroup appends a group's name to the path of the groups around it, as
// [AppendName] takes it: Graylog knows no groups, so that the names of the
// members begin with those of their groups, "_" between them.
func AppendGroup(path []byte, name string) []byte {
	if len(path) == 0 && name != "" && name[0] == '_' {
		name = name[1:]
	}
	return append(appendClean(path, name), '_')
}

// FieldName returns the name under which the value of an attribute with this
// key is stored; see [AppendName].
func FieldName(key string) string { return string(AppendName(nil, nil, key)) }

func appendClean(dst []byte, key string) []byte {
	for i := 0; i < len(key); i++ {
		if !nameByte[key[i]] {
			return appendCleanSlow(append(dst, key[:i]...), len(dst), key)
		}
	}
	return append(dst, key...)
}

// appendCleanSlow cleans a key. The bytes of dst from start on are the part of
// the key that is clean already.
func appendCleanSlow(dst []byte, start int, key string) []byte {
	for i := len(dst) - start; i < len(key); {
		if nameByte[key[i]] {
			dst = append(dst, key[i])
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(key[i:])
		dst = append(dst, '_')
		i += size
	}
	if bytes.IndexFunc(dst[start:], isWord) < 0 {
		dst = appendHash(dst, []byte(key))
	}
	return dst
}

func isWord(r rune) bool { return r != '_' && r != '-' && r != '@' }

// hashLen is the length of what appendHash appends.
const hashLen = len("_123abc")

// appendHash appends a hash of the text. It depends on nothing else, so all
// processes give a key the same name.
func appendHash(dst, text []byte) []byte {
	h := fnv.New32a()
	h.Write(text)
	sum := h.Sum32()
	return fmt.Appendf(dst, "_%06x", (sum>>24^sum)&0xFFFFFF)
}

// nameByte says which bytes a name is made of.
var nameByte = func() (ok [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@-") {
		ok[c] = true
	}
	return ok
}()

// Reserved reports whether an attribute must not be sent under this name (as
// it is stored, without the underscore of the wire), because the value would
// be lost, or would stand for something else:
//
//   - names that Graylog's message or its index has taken (graylog-server:
//     Message.RESERVED_FIELDS), among them all that begin with gl2_; some of
//     them cost the whole message
//   - names of GELF 1.1 itself
//   - names that each of our records has
func Reserved(name []byte) bool {
	switch string(name) {
	case "source", "message", "timestamp", "level", "streams",
		"version", "host", "short_message", "full_message", "facility", "id",
		"logger", "event", "level_name", "level_number", "seq":
		return true
	}
	if len(name) > 0 && name[0] == '_' {
		return javaReserved(string(name)) || metadata(string(name), "")
	}
	return len(name) >= 4 && string(name[:4]) == "gl2_"
}
