// Package query parses the part of Graylog's query language that people use. A
// search that works on the collector's page works in Graylog:
//
//	hello                 a word, in any field
//	"hello world"         consecutive words
//	logger:TTP_a          a field with this value; in message and full_message, a word
//	logger:TTP_*          * matches any characters, ? matches one
//	level:<=3             numbers and times: > >= < <=
//	loss:[0.1 TO 0.5}     a range; [ ] include the bound, { } exclude it, * is no bound
//	_exists_:round        records that have the field
//	round:(3 OR 4)        several values of one field
//	a AND (b OR c)        also && and ||
//	NOT debug, -debug     records that do not match
//
// Adjacent words are alternatives, as in Graylog: "a b" means "a OR b". AND binds
// closer than OR. A backslash before a character, or quotes around it, remove its
// special meaning.
//
// # What matches
//
// The collector compares as Graylog's index does, where that is cheap:
//
//   - message, full_message and searches without a field compare words. A word is a
//     sequence of letters and digits, in any case. hospital-1 is the words hospital
//     and 1, one after the other, as in a phrase.
//   - A word without a field is looked up in message, in full_message, and in all
//     fields that are texts or integers. With wildcards, it is compared with each
//     word, and with each whole value.
//   - Other fields are compared as a whole, and case matters (except in source).
//     Wildcards apply to the whole value. Numbers are compared as numbers: round:3
//     finds 3 and 3.0.
//   - A range compares numbers if the value is a number, times for timestamp, and
//     otherwise texts in the order of their bytes.
//   - timestamp accepts 2026-01-02T03:04:05Z, "2026-01-02 03:04:05" and 2026-01-02,
//     in UTC. level also accepts a name: level:error, level:<=warning. streams
//     accepts a stream's title, name or prefix: streams:"TTP Stream".
//
// Regular expressions, fuzziness and boosts of Lucene are not supported. The error
// of such a query says so.
package query
