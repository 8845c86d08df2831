// Package role makes the slog handlers of a Synergos grid's parties.
//
// A grid has a Director that orchestrates, TTPs that run a training cycle and
// Workers that hold the data; each reports its host's Sysmetrics. A [Role]
// knows what tells its records from the others': the port of its input in
// Graylog, the prefix of its loggers, the titles of its stream and its
// dashboard tab. An application makes the handler of its role once and then
// logs as ever:
//
//	h := role.TTP(role.Config{Server: "graylog.example", Name: "hospital-1"})
//	defer h.Close()
//	slog.SetDefault(slog.New(h))
//	slog.Info("Hello World!", "owner", "me")
//
// A record goes through level, filters, file path and censoring, in this
// order, and is then encoded and delivered by package handler, whose
// documentation says what becomes of each kind of attribute. What a filter
// adds does not escape the censor.
//
// [Director], [TTP], [Worker] and [Sysmetric] always return a handler that
// works. Where the [Config] is wrong, they say so on standard error once, and
// the records go there as lines of JSON. [New] returns the error.
package role
