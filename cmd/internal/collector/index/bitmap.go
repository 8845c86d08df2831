package index

import "math/bits"

// A Bitmap is a set of rows of a block, by their index in the block.
type Bitmap []uint64

// NewBitmap returns an empty set for n rows.
func NewBitmap(n int) Bitmap { return make(Bitmap, (n+63)/64) }

// AllRows returns the set of all n rows.
func AllRows(n int) Bitmap {
	b := NewBitmap(n)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if n%64 != 0 {
		b[len(b)-1] = 1<<(n%64) - 1
	}
	return b
}

// Set adds row i.
func (b Bitmap) Set(i int) { b[i/64] |= 1 << (i % 64) }

// Remove removes row i.
func (b Bitmap) Remove(i int) { b[i/64] &^= 1 << (i % 64) }

// Has reports whether row i is in the set.
func (b Bitmap) Has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// Contains is Has for any number. It returns false for a number out of range.
func (b Bitmap) Contains(i int) bool { return 0 <= i && i < 64*len(b) && b.Has(i) }

// And removes the rows that are not in other.
func (b Bitmap) And(other Bitmap) {
	for i := range b {
		b[i] &= other[i]
	}
}

// Or adds the rows of other.
func (b Bitmap) Or(other Bitmap) {
	for i := range b {
		b[i] |= other[i]
	}
}

// Without returns the rows that are in b and not in other.
func (b Bitmap) Without(other Bitmap) Bitmap {
	rest := make(Bitmap, len(b))
	for i := range b {
		rest[i] = b[i] &^ other[i]
	}
	return rest
}

// Count returns the number of rows in the set.
func (b Bitmap) Count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// IsEmpty reports whether the set has no rows.
func (b Bitmap) IsEmpty() bool {
	for _, w := range b {
		if w != 0 {
			return false
		}
	}
	return true
}

// Each calls f with the rows in ascending order.
func (b Bitmap) Each(f func(i int)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			f(i*64 + bits.TrailingZeros64(w))
		}
	}
}
