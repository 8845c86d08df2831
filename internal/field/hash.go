package field

import (
	"encoding/binary"
	"unsafe"
)

// Words are the first and the last bytes of a key as two numbers, 16 bytes at most. Keys of
// the same length are equal if they have at most 16 bytes and their words are equal.
type words struct{ a, b uint64 }

func wordsOf(key string) (w words) {
	switch n := len(key); {
	case n > 8:
		return words{load8(key), load8(key[n-8:])}
	case n >= 4:
		return words{load4(key) | load4(key[n-4:])<<32, 0}
	case n > 0:
		return words{uint64(key[0])<<16 | uint64(key[n/2])<<8 | uint64(key[n-1]), 0}
	}
	return words{}
}

// hash returns a hash of a key with these words. Its highest bits are of the best quality.
func (w words) hash(seed uint64, key string) uint64 {
	h := mix(seed + uint64(len(key)) ^ w.a)
	if len(key) <= 8 {
		return h
	}
	for i := 8; i < len(key)-8; i += 8 {
		h = mix(h ^ load8(key[i:]))
	}
	return mix(h ^ w.b)
}

// mix spreads the bits of h.
func mix(h uint64) uint64 {
	const factor = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio
	h *= factor
	return h ^ h>>32
}

// load8 returns the first eight bytes of a text as a number.
func load8(t string) uint64 {
	return binary.LittleEndian.Uint64(unsafe.Slice(unsafe.StringData(t), 8))
}

// load4 returns the first four bytes of a text as a number.
func load4(t string) uint64 {
	return uint64(binary.LittleEndian.Uint32(unsafe.Slice(unsafe.StringData(t), 4)))
}
