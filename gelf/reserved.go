package gelf

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
