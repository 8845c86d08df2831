// Package gelf implements GELF 1.1 as Graylog reads it.
//
// The GELF specification defines what a sender may write. What a search finds later
// depends on Graylog's decoder and its index, which drop, rename and truncate fields
// without notifying the sender. This package implements these rules:
//
//   - [Decode] returns the [Message] that Graylog would store of a frame, and a
//     [Finding] for each field that it would not store as sent. If Graylog would
//     reject the frame, Decode returns an error.
//   - [Reader] splits a TCP stream into frames, and [PacketReader] assembles frames
//     from UDP datagrams, like Graylog's inputs and with their limits.
//   - [Reserved] and the constants, such as [MaxField], help an encoder to stay
//     within the rules.
//
// The rules were measured frame by frame on Graylog 7.0.1 with OpenSearch 2.19.
// Comments name the class of graylog-server that contains a rule. Decode sees one frame
// at a time, so it cannot see the types of fields in the index: a text in a field of
// numbers is lost in Graylog, but not in Decode, except for level.
//
// Graylog 3.3.11 with Elasticsearch 6.8 differs in details:
//
//   - It accepts any text after the object, keys of any length, and __doc_count.
//   - It stores gl2_second_sort_field and gl2_original_timestamp as sent, and loses a
//     message whose gl2_receive_timestamp is not a time.
//   - In JSON text, it writes Infinity without quotes, and some numbers with more
//     digits than necessary.
package gelf
