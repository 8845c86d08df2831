// Package collector stands in for Graylog on one machine.
//
// A Graylog needs a MongoDB, an OpenSearch and four gigabytes of memory. A
// developer, a CI job or a first-time user can run one process instead. It listens
// where Graylog does: GELF over TCP and UDP on the ports of the roles and on 12201,
// and a page at 127.0.0.1:9000.
//
//	c, err := collector.New(collector.Config{Dir: "logs"})
//	if err != nil {
//		return err
//	}
//	return c.Run(ctx)
//
// # Storing
//
// Package gelf decodes each frame by Graylog's rules. If Graylog would not store a
// part of it as sent, such as a boolean, the record has a finding that says so. If
// Graylog would store nothing of a frame, the frame is refused and counted by
// reason; the statistics have the newest hundred.
//
// Inputs and streams are those of package contentpack. A record belongs to every
// stream whose rule matches, and to the default stream if none does.
//
// An SQLite database keeps the records. They are written in batches, and limited
// in number, age and size. If the disk is slower than the senders, the queue fills
// up and the senders are slowed down. If the store cannot be written, the collector
// retries as long as it runs, calls Config.OnError, and /healthz answers 503. A
// killed process loses the records that it has not written yet: those of the last
// 50 ms if the store keeps up, and never more than 40,000.
//
// # Searching
//
// All but the newest few thousand records are stored twice: as rows, and in blocks
// of 4,096 records, with a column per field, a list of words, and each distinct
// text as the numbers of its words. A search reads the columns, words and texts
// that it needs, and then the records that it returns. A chart reads no records.
// Among a million records, words and phrases are found in a fraction of a second,
// whether they are common, rare or absent. Only some searches read the records one
// by one: for a pattern that may match a value of several words, for texts of more
// than 2 MiB per block, for fields beyond 256, and for phrases in blocks that an
// older version wrote.
//
// Package query documents the query language. Results are in the order of arrival,
// newest first. Times select by the sender's timestamp.
//
// # REST API
//
// /api/openapi.json describes the API. Answers are JSON, except those of tail and
// export. Errors are {"error": "…"}; if the query is wrong, "position" is a byte
// offset in q. Unknown parameters are errors.
//
//	/api/search                the newest records, or the oldest
//	/api/records/{id}          one record
//	/api/records/{id}/details  its fields, and the nearest records by timestamp
//	/api/records/{id}/gelf     the record as a frame
//	/api/wait                  answers when n records match
//	/api/histogram             counts over time by level
//	/api/facets                names of fields, and values of some, with counts
//	/api/aggregate             a table: rows, columns, series
//	/api/dashboard             the tabs and widgets of the content pack
//	/api/dashboard/data        the data of the widgets of a tab
//	/api/tail                  records as they arrive, as server-sent events
//	/api/export                all matching records, as NDJSON or CSV
//	/api/streams               the streams, their rules and counts
//	/api/stats                 the counters
//	/api/clear                 deletes all records (POST)
//	/healthz                   200 if all inputs receive and the store works, else 503
//
// /api/wait answers 200, or 504 after its timeout; "count" is the number of
// matching records. A test that sends ten records does not need to sleep:
//
//	/api/wait?stream=Worker&q=aligned&n=10&timeout=5s
//
// The number of concurrent requests is limited by kind (status 429), and so are the
// connections of the port. A client that stops reading is disconnected after ten
// seconds.
//
// On a loopback address, the page's port only answers requests for localhost and
// loopback addresses. Otherwise a web page could read the records through a name
// that resolves to 127.0.0.1. On other addresses the port requires a token, see
// [Config]. The inputs require none, because GELF does not support it: whoever
// reaches them can write records.
//
// Beyond one machine, use Graylog with the same content pack. Senders do not change.
//
// # Packages
//
// Imports go one way: query, index and match know neither store nor network; store
// and storedir keep the records; search, pivot and dashboard read them; ingest
// receives them; rest, api and web serve them. This package connects the parts.
package collector
