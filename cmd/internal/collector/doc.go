// Package collector stands in for Graylog on one machine.
//
// A real Graylog wants a MongoDB, an OpenSearch and four gigabytes. A
// developer, a CI job and a first-time user get one process instead, with
// Graylog's place in the world: GELF over TCP and UDP on the ports of the
// roles and on 12201, and a page at 127.0.0.1:9000.
//
//	c, err := collector.New(collector.Options{Dir: "logs"})
//	if err != nil {
//		return err
//	}
//	return c.Run(ctx)
//
// # What becomes of a record
//
// Each frame is judged by package gelf, that is by Graylog's own rules. What
// Graylog would not have stored as sent, a boolean for instance, is kept
// beside the record as a finding, and the page shows it. A frame that Graylog
// would have stored nothing of is refused and counted under its reason; the
// newest hundred are shown.
//
// The inputs and the streams are those of the content pack of package
// contentpack. A record goes into every stream whose rule it fulfils; one that no
// rule picks up is in the default stream.
//
// The records are in an SQLite database, written in batches and bounded by
// number, age and size. When the disk is slower than the senders, the senders
// are slowed: a full queue leaves the rest in the kernel's buffers. A store
// that cannot be written is tried again for as long as the collector runs,
// Options.OnError is told, and /healthz says 503. A process that is killed loses
// what it had not written yet: a twentieth of a second of records while the
// store keeps up, and 40,000 records at the very most.
//
// # How it is found again
//
// All but the newest few thousand records are stored twice: as they are, and in
// blocks of 4,096 as columns, one for each field, with a list of their words and
// each distinct text as the numbers of its words. A search reads the columns,
// words and texts that it is about and then the records that it shows, a chart
// reads none of the records. So among a million records words and phrases are
// found in a fraction of a second whether they are common, rare or absent, and a
// tab of the dashboard takes as long. Records are looked at one by one where the
// blocks are not sure: for a pattern that may match a value of several words as a
// whole, for texts of more than 2 MiB a block, for fields beyond 256, and in
// blocks of a store that an earlier version wrote, for phrases.
//
// What a query means is said in package query. Results are in the order of
// arrival, newest first; times select by the sender's timestamp.
//
// # The REST API
//
// It is described at /api/openapi.json. All answers are JSON but those of tail
// and export, errors too: {"error": "…"}, with "position", a byte of q from 0,
// where a query is to blame. Unknown parameters are refused.
//
//	/api/search          the newest records, or the oldest: stream, q, level, from, to, range, after, before, limit, order, cut, fields
//	/api/records/{id}    one record
//	/api/records/{id}/details  its fields as a search knows them, and the records around it in time: cut, near, among
//	/api/records/{id}/gelf     the frame that is stored as it is
//	/api/wait            answers when n records match: n, timeout, and as in search
//	/api/histogram       counts over time by level
//	/api/facets          names of fields, and values of some, with counts
//	/api/aggregate       a table: rows, columns, series
//	/api/dashboard       the tabs and widgets of the content pack
//	/api/dashboard/data  what the widgets of a tab show
//	/api/tail            records as they come, as server-sent events: stream, q, level, after, cut, fields
//	/api/export          all records that match, as NDJSON or CSV
//	/api/streams         the streams, their rules and counts
//	/api/stats           the counters, see Stats
//	/api/clear           POST {"confirm": "clear"} with X-Requested-By deletes all records
//	/healthz             200 while every input receives and the store can be written, else 503
//
// The parameters stream, q, level, limit, after and before are the fields of
// [Query]; order is newest or oldest. A search of more than limit records goes on
// with the "before" that the answer has, or the "after" if it is oldest first.
// With cut, texts have so many characters at the most, and with fields a record
// has these alone beside its own.
//
// /api/wait answers 200, or 504 after its timeout, and tells in "count" how many
// records match; a test that sends ten records and asks for
//
//	/api/wait?stream=Worker&q=aligned&n=10&timeout=5s
//
// need not sleep. There are bounds on how many requests of a kind run at once,
// then 429, and on the connections of the port; a reader that takes nothing for
// ten seconds is cut off.
//
// While the page's port is bound to a loopback address, it
// answers to localhost and loopback addresses alone, so that no page of the
// web can read the records through a name that it points to 127.0.0.1. On
// another address it asks for a token, see [Options]. The inputs ask for
// nothing, as GELF knows no such thing: who reaches them can write records.
//
// It is not a log system to outgrow: past one machine Graylog itself takes
// over, with the same content pack, and nothing in a sender changes.
package collector
