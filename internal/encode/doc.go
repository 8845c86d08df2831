// Package encode turns log records into GELF frames.
//
// A [Format] encodes all records of a handler. [Format.WithAttrs] and [Format.WithGroup]
// return a [Bound], the encoded attributes of a handler made with With. [Format.Encode]
// returns a [Frame]: the built-in fields, the attributes of the Bound, and those of the
// record. It drops what Graylog does not store, gives each value the kind of its field,
// censors hidden keys and texts, and shortens a frame that is too long.
package encode
