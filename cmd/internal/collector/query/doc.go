// Package query parses the part of Graylog's query language that people use, so
// that a search which works on the collector's page works in Graylog:
//
//	hello                 a word, in any field
//	"hello world"         words in a row
//	logger:TTP_a          a field that is exactly this; in message and full_message, that has the word
//	logger:TTP_*          * stands for any characters, ? for one
//	level:<=3             numbers and times: > >= < <=
//	loss:[0.1 TO 0.5}     between; [ ] include the bound, { } do not, * leaves it open
//	_exists_:round        records that have the field
//	round:(3 OR 4)        for the same field
//	a AND (b OR c)        && and || will do, too
//	NOT debug, -debug     records without
//
// Words that stand beside each other are alternatives, as in Graylog: "a b" is
// "a OR b". AND binds closer than OR. A character that has a meaning in the
// language stands for itself behind a backslash and between quotes.
//
// # What matches
//
// The collector compares as Graylog's index does, where that is cheap:
//
//   - message, full_message and all that has no field are text: a word is letters
//     and digits in a row, in any case. hospital-1 is the words hospital and 1
//     in a row, as a phrase is.
//   - A word without a field stands in message, full_message, or the value of any
//     field that is a text or an integer. With wildcards it is compared with
//     each word of those, and with each value as a whole.
//   - Other fields are compared as a whole and in the same case (source in any
//     case). Wildcards are over the whole value. Numbers are compared as
//     numbers: round:3 finds 3 and 3.0.
//   - A range is of numbers if the value is a number, of times for timestamp,
//     and else of texts in the order of their bytes.
//   - timestamp takes 2026-01-02T03:04:05Z, "2026-01-02 03:04:05" and 2026-01-02,
//     in UTC. level takes a name, too: level:error, level:<=warning. streams takes
//     a stream's title, name or prefix: streams:"TTP Stream".
//
// What Lucene has beyond that, regular expressions, fuzziness and boosts, is an
// error that says so.
package query
