package field

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"unicode/utf8"

	"github.com/aimakerspace/synlogger/gelf"
)

// MaxName is the length of the longest field name that [AppendName] returns, in
// bytes. Graylog's JSON parser accepts 50,000.
const MaxName = 512

// emptyName is the name of a field with an empty key. The index rejects a
// message with an empty field name.
const emptyName = "_"

// AppendName appends the name of a field to dst and returns the extended slice.
// Graylog stores a field with such a name without renaming or dropping it. In a
// frame, the name has one more leading underscore.
//
// Group is the path of the groups around the attribute, as returned by
// [AppendGroup]. Outside groups, one leading underscore of the key is removed.
// Each character outside [A-Za-z0-9_@-] is replaced by "_" (a dot too, because
// Graylog replaces dots), and a reserved name gets a trailing "_".
//
// Two cases would give many keys the same name. A key without any ASCII letter
// or digit gets a hash of the key, so "имя" and "вес" differ. A name longer than
// [MaxName] is cut and ends with a hash of the whole name.
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
	if reserved(dst[start:]) {
		dst = append(dst, '_')
	}
	return dst
}

// AppendGroup appends the name of a group to the path of the groups around it.
// Graylog has no groups: the names of the members begin with the names of their
// groups, separated by "_".
func AppendGroup(path []byte, name string) []byte {
	if len(path) == 0 && name != "" && name[0] == '_' {
		name = name[1:]
	}
	return append(appendClean(path, name), '_')
}

// FieldName returns the field name of an attribute outside groups; see
// [AppendName].
func FieldName(key string) string { return string(AppendName(nil, nil, key)) }

func appendClean(dst []byte, key string) []byte {
	for i := 0; i < len(key); i++ {
		if !nameByte[key[i]] {
			return appendCleanSlow(append(dst, key[:i]...), len(dst), key)
		}
	}
	return append(dst, key...)
}

// appendCleanSlow appends a key with unsuitable characters replaced. The bytes
// of dst from start on are the part of the key before the first of them.
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
	if bytes.IndexFunc(dst[start:], isLetterOrDigit) < 0 {
		dst = appendHash(dst, []byte(key))
	}
	return dst
}

// isLetterOrDigit reports whether a character of a clean name is a letter or a
// digit.
func isLetterOrDigit(r rune) bool { return r != '_' && r != '-' && r != '@' }

// hashLen is the length of a hash that appendHash appends, in bytes.
const hashLen = len("_123abc")

// appendHash appends a hash of text. The hash depends on the text alone, so all
// processes give a key the same name.
func appendHash(dst, text []byte) []byte {
	h := fnv.New32a()
	h.Write(text)
	sum := h.Sum32()
	return fmt.Appendf(dst, "_%06x", (sum>>24^sum)&0xFFFFFF)
}

// nameByte contains true for each byte that a clean name may contain.
var nameByte = func() (ok [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@-") {
		ok[c] = true
	}
	return ok
}()

// reserved reports whether an attribute must not have this name, because Graylog
// would lose it or because the name is that of a built-in field.
func reserved(name []byte) bool {
	switch string(name) {
	case "logger", "event", "level_name", "level_number", "seq":
		return true
	}
	return gelf.Reserved(name)
}
