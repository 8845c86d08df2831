package field

import (
	"math/bits"
)

// A NameSet is a set of names, stored as one bit of a hash for each. Has and Add may
// return true for a name that is not in the set, but never false for one that is.
type NameSet [4]uint64

// A NameBit is the index of a name's bit in a [NameSet].
type NameBit uint8

// BitOf returns the bit of a name.
func BitOf(name []byte) NameBit { return NameBit(hashBytes(0, name) >> 56) }

// Has reports whether the set may contain the name.
func (s *NameSet) Has(b NameBit) bool { return s[b>>6]>>(b&63)&1 != 0 }

// Add adds a name and reports whether the set may have contained it.
func (s *NameSet) Add(b NameBit) bool {
	had := s.Has(b)
	s[b>>6] |= 1 << (b & 63)
	return had
}

// Crowded reports whether the set has so many names that Add returns true for most new
// ones.
func (s *NameSet) Crowded() bool {
	const most = 128
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n > most
}

const hashFactor = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio

// hashBytes returns a hash of the text. Its highest bits are of the best quality.
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
