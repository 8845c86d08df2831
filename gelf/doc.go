// Package gelf is GELF 1.1 as Graylog reads it.
//
// The GELF specification says what a sender may write. What a search finds
// later is decided by Graylog's decoder and by its index, which drop, rename
// and cut without a word to the sender. This package writes those rules down
// once, for both sides of the wire:
//
//   - [Decode] takes one frame and returns the [Message] that Graylog would
//     store, together with one [Finding] for each thing that it would not
//     store as sent, and why. A frame that leaves no message at all is an
//     error.
//   - [Reader] splits a TCP stream into frames at their NUL bytes, and
//     [PacketReader] puts frames together from UDP datagrams, as Graylog's
//     inputs do, with their limits.
//   - [Reserved] and the constants are the same rules from the side of an
//     encoder, which keeps within them.
//
// The rules are those of a running Graylog 7.0.1 with OpenSearch 2.19, measured
// frame by frame. Comments name the class of graylog-server that a rule lives
// in. Decode knows one frame at a time, and so not which type the index has
// given to a field: text in a field that began with numbers is lost there and
// not here, level excepted.
//
// 3.3.11 with Elasticsearch 6.8 differs at the edges: it takes any text behind
// the object, keys of any length and __doc_count; it stores what a frame says
// for gl2_second_sort_field and gl2_original_timestamp, and loses the message
// for a gl2_receive_timestamp that is no time; in a JSON text it writes Infinity
// without quotes, and some numbers with more digits than they need.
package gelf
