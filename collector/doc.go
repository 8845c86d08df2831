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
// # The REST API
//
// All answers are JSON, errors too: {"error": "…"}. Everything is read with
// GET. Unknown parameters are refused.
//
//	/api/streams   the streams, their rules and counts
//	/api/search    the newest records first: stream, q, level, limit, after, before
//	/api/wait      answers when n records match: n, timeout, and as in search
//	/api/stats     the counters, see Stats
//	/healthz       200 while every input receives and the store can be written, else 503
//
// The parameters stream, q, level, limit, after and before are the fields of
// [Query]. A search of more than limit records goes on with the "before" that
// the answer has. /api/wait answers 200, or 504 after its timeout, and tells
// in "count" how many records match; a test that sends ten records and asks
// for
//
//	/api/wait?stream=TTP&q=aligned&n=10&timeout=5s
//
// need not sleep. While the page's port is bound to a loopback address, it
// answers to localhost and loopback addresses alone, so that no page of the
// web can read the records through a name that it points to 127.0.0.1.
//
// It is not a log system to outgrow: past one machine Graylog itself takes
// over, with the same content pack, and nothing in a sender changes.
package collector
