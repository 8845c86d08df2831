// Package role provides the log handlers of a Synergos grid.
//
// A grid has a Director that orchestrates experiments, TTPs that run training rounds,
// Workers that hold the data, and a Sysmetric logger on each host. Each [Role] has
// its own GELF input, logger prefix, stream and dashboard tab in Graylog. Create the
// handler of your role once, and log as usual:
//
//	h := role.TTP(role.Config{Server: "graylog.example", Name: "hospital-1"})
//	defer h.Close()
//	slog.SetDefault(slog.New(h))
//	slog.Info("Hello World!", "owner", "me")
//
// # Configuration
//
// The zero [Config] sends records to a Graylog on this machine, on the port of the
// role and under the name of the host. [ConfigFromEnv] reads environment variables;
// docs/CONFIGURATION.md lists them.
//
// [Director], [TTP], [Worker] and [Sysmetric] always return a working handler. If the
// Config is invalid, they report the error once on standard error and write the
// records there as lines of JSON. [New] returns the error instead.
//
// # Filters
//
// A [Filter] sees each record with all its attributes, and can change or drop it.
// [AddAttrs], [Drop], [Rename] and [Sample] return ready-made filters. Censoring
// comes after the filters, so it also covers what they add.
//
// # Variants
//
// [VariantBasic] writes the frames to a Writer instead of sending them. [VariantTest] keeps them in
// memory; see [Handler.Records].
//
// Package handler encodes the records, and package delivery sends them. Both describe
// what they guarantee.
package role
