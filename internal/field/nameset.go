package field

import (
	"math/bits"
)

// A NameSet remembers names by their hashes. It may take a name for one that
// it contains, but never the other way round.
type NameSet [4]uint64

// A nameBit is the bit of a name in a nameSet.
type nameBit uint8

func BitOf(name []byte) nameBit { return nameBit(hashBytes(0, name) >> 56) }

func (s *NameSet) Has(b nameBit) bool { return s[b>>6]>>(b&63)&1 != 0 }

// Add adds a name and reports whether it may have been there.
func (s *NameSet) Add(b nameBit) bool {
	had := s.Has(b)
	s[b>>6] |= 1 << (b & 63)
	return had
}

// Crowded reports whether there are so many names that most new ones are taken
// for others.
func (s *NameSet) Crowded() bool {
	const most = 128
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n > most
}

const hashFactor = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio

// hashBytes returns a hash of the text, whose highest bits are the best ones.
func hashBytes[T string | []byte](seed uint64, text T) uint64 {
	h := seed + uint64(len(text))
	if len(text) < 8 {
		var last uint64
		for i := range len(text) {
			last = last<<8 | uint64(text[i])
		}
		h = (h ^ last) * hashFactor
		return h ^ h>>32
	}
	for len(text) > 8 {
		h = (h ^ load(text)) * hashFactor
		h ^= h >> 32
		text = text[min(8, len(text)-8):]
	}
	h = (h ^ load(text)) * hashFactor
	return (h ^ h>>32) * hashFactor
}

// load returns the first eight bytes of a text as a number.
func load[T string | []byte](t T) uint64 {
	_ = t[7]
	return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
		uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
}
