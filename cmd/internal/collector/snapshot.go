package collector

// A filter selects records of the store.
type filter struct {
	match         matcher // decides on all but the ids
	after, before int64   // ids, not included; 0 means no bound
	from, to      int64   // bounds of the timestamps in milliseconds, to not included; match contains them
}

// A span is a snapshot of the store and a filter. Records that are written or
// deleted later do not matter.
type span struct {
	*state
	filter
	store  *store
	lo, hi int64 // ids, hi not included
}

// span returns a snapshot of the records that match a filter.
func (s *store) span(f filter) span {
	c := s.state.Load()
	sp := span{c, f, s, max(c.first, f.after+1), c.next}
	if f.before > 0 {
		sp.hi = min(sp.hi, f.before)
	}
	return sp
}

// restrict returns the part of the snapshot with ids from lo to before hi.
func (sp span) restrict(lo, hi int64) span {
	sp.lo, sp.hi = max(sp.lo, lo), min(sp.hi, hi)
	return sp
}

// touches reports whether a block may have records of the snapshot.
func (sp span) touches(m blockMeta) bool {
	return m.last >= sp.lo && m.first < sp.hi && m.to >= sp.from && m.from < sp.to
}

// trim removes the rows of a block that are outside the ids of the snapshot.
func (sp span) trim(b *block, rows bitmap) {
	if b.first >= sp.lo && b.first+int64(b.n) <= sp.hi {
		return
	}
	for i := range b.n {
		if id := b.first + int64(i); id < sp.lo || id >= sp.hi {
			rows.remove(i)
		}
	}
}

// bounds returns the range of time of a span: what was asked for, and what
// there is where nothing was.
func (sp span) bounds() (from, to int64) {
	from, to = sp.from, sp.to
	if from > minTime && to < maxTime {
		return from, to
	}
	least, most := int64(maxTime), int64(minTime)
	for _, m := range sp.blocks {
		if sp.touches(m) {
			least, most = min(least, m.from), max(most, m.to)
		}
	}
	for i := range sp.tail {
		least, most = min(least, sp.tail[i].timestamp), max(most, sp.tail[i].timestamp)
	}
	if least > most {
		least, most = 0, 0
	}
	if from == minTime {
		from = min(least, to)
	}
	if to == maxTime {
		to = max(most+1, from+1)
	}
	return from, to
}
