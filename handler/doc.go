// Package handler sends the records of [log/slog] to Graylog.
//
// A [Handler] is to GELF what [slog.JSONHandler] is to JSON lines: it encodes a
// record on the goroutine that logs it, and delivers it over TCP in the
// background. It neither blocks its host on the network nor panics into it.
// What it cannot deliver, it counts.
//
//	h, err := handler.New(handler.Options{Addr: "tcp://graylog.example:12201"})
//	if err != nil {
//		return err
//	}
//	slog.SetDefault(slog.New(h))
//	…
//	if err := h.Close(); err != nil {
//		return err
//	}
//
// The parties of a Synergos grid take their handlers from package role, which
// knows the port and the logger's name of each.
//
// # From a record to a frame
//
// A record becomes one GELF 1.1 frame. Its message is short_message, and the
// field event, its level the syslog severity and the fields level_name and
// level_number. The field seq counts the handler's records from 1: it orders
// the records of one millisecond, and a gap in it is a loss.
//
// Attributes become fields, in a form that Graylog stores as it is:
//
//	string, error, fmt.Stringer,      text; an invalid byte becomes U+FFFD
//	encoding.TextMarshaler
//	[]byte                            text; base64 if it is not UTF-8
//	integers, json.Number             number
//	floats, other json.Number         number, always with a decimal point
//	complex numbers                   text such as (1+2i)
//	time.Duration                     number of seconds, with a decimal point
//	time.Time                         text, RFC 3339 with nanoseconds
//	bool                              text, "true" or "false"
//	json.Marshaler                    what its JSON says
//	maps, slices, structs             one JSON text, its values by this table
//	slog.Group                        its members, each named group_member
//	slog.LogValuer                    what it resolves to
//	nil, blank text                   left out
//	NaN, infinity, beyond int64       left out, and the text is in key_text
//
// The index of Graylog gives each field the type of its first value, and loses
// records with values of another kind. So a handler remembers the kind of each
// key. A later value that does not fit is stored in the form of the first one,
// if that loses nothing, or in key_text, key_date or key_float. A text that
// looks like a date is one. An integer after a float is 5.0. A float after an
// integer is in key_float, because charts would compute with 1 instead of
// 1.5. Stats.Retyped counts such values, and OnError is called once for each key
// with a [KeyError]. The kinds of at most 2,048 keys are remembered.
//
// Keys that become the same name are kept apart by a hash of the key. The key
// that is the name already keeps it.
//
// Of two values for one key the last counts: a call's over a bound one. In a
// key, each character outside [A-Za-z0-9_@-] is replaced by "_", and a key that
// is reserved by GELF, Graylog or the handler gets a trailing "_". A text of more
// than 32,766 bytes, and the longest of a frame of more than 2 MiB, is cut, and
// the field truncated names it. A value that fails or panics becomes a text
// that says so.
//
// An error that writes more than its text for %+v, a stack for instance, has
// that in full_message; see [WithStack]. So do errors joined or wrapped. The
// details of several errors are there behind the names of their fields.
//
// # From a frame to Graylog
//
// Frames wait in a queue of bounded memory. One goroutine sends them, over TCP, TLS
// or UDP. It connects when there is something to send, resolves the server's name
// each time, and pauses between failed attempts for a random time that grows. A
// closed connection is noticed before the next write, a silent one after DeadAfter.
//
// A frame is kept until the server's kernel has acknowledged it, on a connection that
// the server accepts: a new connection has to stay open for 100 ms after the first
// bytes. When a connection dies, the frames that were not acknowledged are sent again
// on the next one, in order. Frames that the server's kernel had and its process had
// not read are lost, unless Redeliver sends them again; both copies have the same seq.
//
// When the queue is full, Overflow decides which records are dropped. The last quarter
// of the queue is for records from Warn on. With a SpoolDir, records that have waited
// for half of the SpoolInterval, or that do not fit into memory, go to disk. They are
// sent first after a restart.
//
// [Handler.Stats] accounts for each record. [Handler.Err] returns why records are not
// delivered at present, and OnError is called with each error. [Handler.Flush] and
// [Handler.Close] return an [*UndeliveredError] if records were not sent. [Metrics] and
// [Handler.Publish] export the counters to Prometheus and expvar. After records were
// dropped, a record of the handler's own tells Graylog.
package handler
