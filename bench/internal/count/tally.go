// Package count implements a server that counts the records of the benchmark.
package count

import (
	"bytes"
)

// A Tally counts records. It is not safe for concurrent use. Its zero value is ready.
type Tally struct {
	Records    uint64 // distinct records
	Duplicates uint64 // records that had been counted before
	OutOfOrder uint64 // records with a lower number than an earlier one of their sender
	Invalid    uint64 // frames that contain no sender or no number
	Bytes      uint64 // size of all frames as read from the socket

	senders []sender
}

// A sender is one goroutine that logs.
type sender struct {
	seen []uint64 // bitmap of record numbers
	last int      // highest number
}

// Limits keep a damaged frame from allocating all memory.
const (
	maxSenders = 1 << 10
	maxNumber  = 1 << 28
)

var (
	senderKey = []byte(`hospital-`)
	numberKey = []byte(`round":`)
)

// Add counts a frame. The sender is in the value of the field party, the number in that
// of the field round; GELF's names begin with an underscore.
func (t *Tally) Add(frame []byte) {
	from, ok := numberAfter(frame, senderKey)
	number, ok2 := numberAfter(frame, numberKey)
	if !ok || !ok2 || from >= maxSenders || number >= maxNumber {
		t.Invalid++
		return
	}
	for len(t.senders) <= from {
		t.senders = append(t.senders, sender{last: -1})
	}
	s := &t.senders[from]
	word, bit := number/64, uint64(1)<<(number%64)
	if word >= len(s.seen) {
		s.seen = append(s.seen, make([]uint64, word-len(s.seen)+1)...)
	}
	if s.seen[word]&bit != 0 {
		t.Duplicates++
		return
	}
	s.seen[word] |= bit
	t.Records++
	if number < s.last {
		t.OutOfOrder++
	} else {
		s.last = number
	}
}

// numberAfter returns the decimal number after key, and whether there is one.
func numberAfter(frame, key []byte) (n int, ok bool) {
	i := bytes.Index(frame, key)
	if i < 0 {
		return 0, false
	}
	for _, c := range bytes.TrimLeft(frame[i+len(key):], `" `) {
		if c < '0' || c > '9' || n > maxNumber {
			break
		}
		n, ok = n*10+int(c-'0'), true
	}
	return n, ok
}
