// Package indexfailure reads the records that the index of a Graylog server has
// refused. Such a record was received, and acknowledged as far as a sender can
// know, but it is not stored: its field has another kind in the index, its text
// is too long, or the index has too many fields.
package indexfailure
