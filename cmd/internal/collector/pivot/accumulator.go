package pivot

import "math"

// An accumulator computes the functions of a series. It uses the algorithm of Welford
// and Chan for the variance, because byte counters since boot are large and vary
// little.
type accumulator struct {
	n          int64
	sum        float64
	mean, m2   float64
	min, max   float64
	latest     float64
	latestTime int64
}

func (a *accumulator) add(x float64, t int64) {
	if a.n == 0 {
		a.min, a.max, a.latest, a.latestTime = x, x, x, t
	}
	a.n++
	a.sum += x
	d := x - a.mean
	a.mean += d / float64(a.n)
	a.m2 += d * (x - a.mean)
	a.min, a.max = min(a.min, x), max(a.max, x)
	if t >= a.latestTime {
		a.latest, a.latestTime = x, t
	}
}

func (a *accumulator) merge(b accumulator) {
	switch {
	case b.n == 0:
		return
	case a.n == 0:
		*a = b
		return
	}
	n := float64(a.n + b.n)
	d := b.mean - a.mean
	a.m2 += b.m2 + d*d*float64(a.n)*float64(b.n)/n
	a.mean += d * float64(b.n) / n
	a.n += b.n
	a.sum += b.sum
	a.min, a.max = min(a.min, b.min), max(a.max, b.max)
	if b.latestTime >= a.latestTime {
		a.latest, a.latestTime = b.latest, b.latestTime
	}
}

// result returns the value of a function. It returns nil if there are no numbers, or
// if the value overflows.
func (a *accumulator) result(function string) *float64 {
	var x float64
	switch {
	case function == "count":
		x = float64(a.n)
	case a.n == 0:
		return nil
	case function == "avg":
		x = a.mean
	case function == "sum":
		x = a.sum
	case function == "min":
		x = a.min
	case function == "max":
		x = a.max
	case function == "stddev":
		x = math.Sqrt(max(0, a.m2/float64(a.n)))
	case function == "latest":
		x = a.latest
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
