// Package handler sends the records of [log/slog] to Graylog.
//
// A [Handler] is to GELF what [slog.JSONHandler] is to JSON lines. It encodes each
// record on the goroutine that logs it, and delivers it in the background.
//
//	h, err := handler.New(handler.Config{Server: "tcp://graylog.example:12201"})
//	if err != nil {
//		return err
//	}
//	defer h.Close()
//	slog.SetDefault(slog.New(h))
//	slog.Info("Hello World!", "owner", "me")
//
// The zero [Config] sends records from Info on to a Graylog on this machine.
// [ConfigFromEnv] reads the configuration from environment variables. Package role
// has handlers for the roles of a Synergos grid.
//
// # Fields
//
// A record becomes one GELF frame: the message, the syslog severity of its level, the
// time, and a field for each attribute. The field seq numbers the records of a
// handler from 1. It orders records of the same millisecond, and a gap shows a loss.
// A group becomes a prefix: the attribute user in the group db is the field db_user.
//
// Values keep their kind:
//
//	string, error, fmt.Stringer, bool  text
//	integer                            integer
//	float, time.Duration (seconds)     number with a decimal point
//	time.Time                          date
//	map, slice, struct                 one text in JSON
//
// docs/FIELDS.md has the complete tables.
//
// Graylog's index gives each field the type of its first value, and loses records
// with a value of another type. The handler remembers the kind of each key. If a later
// value has another kind, the handler converts it or stores it in another field, such
// as key_text. It then calls OnError once for the key with a [*KeyError].
//
// An attribute with an error that has a stack adds the field full_message; see
// [WithStack]. Config.AddSource adds the position of the logging call.
//
// # Processing
//
// The handler processes a record in this order:
//
//  1. Level drops records below it.
//  2. AttrFromContext adds attributes from the context, such as the ids of a trace.
//  3. Filters change or drop the record.
//  4. ReplaceAttr changes single attributes.
//  5. Censor and CensorValues hide keys and texts; see package censor.
//  6. The frame is passed to Writer or, by default, to package delivery.
//
// A panic in a filter, AttrFromContext or ReplaceAttr drops the record. It is counted
// and reported, and the program continues.
//
// # Delivery
//
// Handle does not wait for the network, unless you ask for it with FlushLevel or
// delivery.OverflowBlock. Records are queued in memory, and can be spooled to disk
// during an outage. Call [Handler.Close] before the program ends: it sends the queued
// records and returns an error if records were lost. [Handler.Stats] accounts for every
// record. Package delivery describes the guarantees and options. Package handler/prometheus exports the counters.
//
// # Tests
//
// Use a [Memory] as the Writer to keep records in memory, or package gelftest to
// receive them from a socket.
package handler
