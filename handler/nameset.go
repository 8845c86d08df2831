package handler

import (
	"encoding/binary"
	"math/bits"
)

// A nameSet remembers names by their hashes. It may take a name for one that
// it has seen, but never the other way round.
type nameSet [4]uint64

// add adds the name that is the end of buf from start on, and reports whether
// it may have been there. It looks at the length and at the first and last
// eight bytes.
func (s *nameSet) add(buf []byte, start int) bool {
	const factor = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio
	h := uint64(len(buf) - start)
	if h >= 8 {
		h += binary.LittleEndian.Uint64(buf[start:]) * factor
		h = h>>29 ^ h + binary.LittleEndian.Uint64(buf[len(buf)-8:])
	} else {
		for _, c := range buf[start:] {
			h = h<<8 | uint64(c)
		}
	}
	h *= factor
	word, bit := &s[h>>62], uint64(1)<<(h>>56&63)
	seen := *word&bit != 0
	*word |= bit
	return seen
}

// crowded reports whether there are so many names that most new ones are taken
// for others.
func (s *nameSet) crowded() bool {
	const most = 128
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n > most
}
