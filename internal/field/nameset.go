package field

import "math/bits"

// A NameSet is the set of the names of fields of one table. Has and Add may return true
// for a name that is not in the set, but never false for one that is: the first 256
// names of a table have a bit each, later names share these, and a field that is not
// remembered may have any name.
type NameSet struct {
	bits   [4]uint64
	others int // number of fields added that are not remembered
}

// Has reports whether the set may contain the name of the field.
func (s *NameSet) Has(f *Field) bool {
	return s.bits[f.bit>>6]>>(f.bit&63)&1 != 0 || s.others > 0 || !f.Remembered
}

// Add adds the name of a field and reports whether the set may have contained it.
func (s *NameSet) Add(f *Field) bool {
	had := s.Has(f)
	if f.Remembered {
		s.bits[f.bit>>6] |= 1 << (f.bit & 63)
	} else {
		s.others++
	}
	return had
}

// Overlaps reports whether the sets may have a name in common.
func (s *NameSet) Overlaps(t *NameSet) bool {
	for i, word := range s.bits {
		if word&t.bits[i] != 0 {
			return true
		}
	}
	return s.others > 0 || t.others > 0
}

// AddAll adds the names of another set.
func (s *NameSet) AddAll(t *NameSet) {
	for i, word := range t.bits {
		s.bits[i] |= word
	}
	s.others += t.others
}

// Crowded reports whether the set has so many names that Add returns true for most new
// ones.
func (s *NameSet) Crowded() bool {
	const most = 128
	n := s.others
	for _, word := range s.bits {
		n += bits.OnesCount64(word)
	}
	return n > most
}
