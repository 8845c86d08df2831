package main

import (
	"math/bits"
	"time"
)

// A histogram counts durations in buckets that are at most 1/8 of their value wide.
type histogram struct {
	buckets [64 * 8]uint64
	count   uint64
	longest time.Duration
}

func (h *histogram) record(d time.Duration) {
	n := uint64(max(d, 0))
	i := n
	if n >= 8 {
		shift := bits.Len64(n) - 4
		i = uint64(shift+1)*8 + n>>shift - 8
	}
	h.buckets[i]++
	h.count++
	h.longest = max(h.longest, d)
}

func (h *histogram) add(other *histogram) {
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
	h.count += other.count
	h.longest = max(h.longest, other.longest)
}

// quantile returns an upper bound of the duration that the share q does not exceed.
func (h *histogram) quantile(q float64) time.Duration {
	rank, seen := uint64(q*float64(h.count)), uint64(0)
	for i, n := range h.buckets {
		seen += n
		if n > 0 && seen > rank {
			bound := uint64(i)
			if i >= 8 {
				bound = (uint64(i%8+8)+1)<<(i/8-1) - 1
			}
			return min(time.Duration(bound), h.longest)
		}
	}
	return h.longest
}
