package pivot

import "math"

// An accumulator computes the function of a series. It only keeps what the function
// needs. For the variance it uses the algorithm of Welford and Chan, because byte
// counters since boot are large and vary little.
type accumulator struct {
	n          int64
	value      float64 // sum, min, max or latest
	latestTime int64
	mean, m2   float64
}

func (a *accumulator) add(f function, x float64, t int64) {
	a.n++
	switch f {
	case avg, sum:
		a.value += x
	case least:
		if a.n == 1 || x < a.value {
			a.value = x
		}
	case greatest:
		if a.n == 1 || x > a.value {
			a.value = x
		}
	case latest:
		if a.n == 1 || t >= a.latestTime {
			a.value, a.latestTime = x, t
		}
	case stddev:
		d := x - a.mean
		a.mean += d / float64(a.n)
		a.m2 += d * (x - a.mean)
	}
}

func (a *accumulator) merge(f function, b accumulator) {
	switch {
	case b.n == 0:
		return
	case a.n == 0:
		*a = b
		return
	}
	switch f {
	case avg, sum:
		a.value += b.value
	case least:
		a.value = min(a.value, b.value)
	case greatest:
		a.value = max(a.value, b.value)
	case latest:
		if b.latestTime >= a.latestTime {
			a.value, a.latestTime = b.value, b.latestTime
		}
	case stddev:
		n := float64(a.n + b.n)
		d := b.mean - a.mean
		a.m2 += b.m2 + d*d*float64(a.n)*float64(b.n)/n
		a.mean += d * float64(b.n) / n
	}
	a.n += b.n
}

// result returns the value of the function, or nil if nothing was added or the value
// overflows.
func (a *accumulator) result(f function) *float64 {
	x := a.value
	switch {
	case f == count:
		x = float64(a.n)
	case a.n == 0:
		return nil
	case f == avg:
		x /= float64(a.n)
	case f == stddev:
		x = math.Sqrt(max(0, a.m2/float64(a.n)))
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
