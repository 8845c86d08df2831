package collector

import "time"

// intervals are the spans of time that rows may have.
var intervals = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour,
}

// intervalOf returns the span of time, in milliseconds, of which a range has
// about sixty.
func intervalOf(from, to int64) int64 {
	for _, i := range intervals {
		if i.Milliseconds()*timeGroups >= to-from {
			return i.Milliseconds()
		}
	}
	year := (365 * 24 * time.Hour).Milliseconds()
	return ((to-from)/timeGroups/year + 1) * year
}

// An axis of time has rows from first on.
type timeAxis struct{ first, interval, n int64 }

func newTimeAxis(from, to int64) timeAxis {
	i := intervalOf(from, to)
	first := floorTo(from, i)
	return timeAxis{first, i, (floorTo(max(to-1, from), i)-first)/i + 1}
}

func floorTo(t, step int64) int64 {
	if r := t % step; r < 0 {
		return t - r - step
	} else {
		return t - r
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
