package collector

import (
	"testing"
	"time"
)

func TestRate(t *testing.T) {
	var r rate
	at := func(s float64) time.Time { return time.UnixMilli(1_000_000 + int64(s*1000)) }
	for i := range 20 {
		r.add(at(float64(i)/2), 50)
	}
	for _, tt := range []struct{ at, want float64 }{{10, 100}, {10.9, 100}, {12, 60}, {14, 20}, {15, 0}, {1000, 0}} {
		if got := r.read(at(tt.at)); got != tt.want {
			t.Errorf("rate at %v s is %v, want %v", tt.at, got, tt.want)
		}
	}
}
