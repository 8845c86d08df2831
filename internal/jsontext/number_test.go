package jsontext

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

// FuzzNumbers checks that numbers read back as the same value and that floats and
// durations always have a decimal point.
func FuzzNumbers(f *testing.F) {
	for _, v := range []float64{
		0,
		math.Copysign(0, -1),
		1,
		-1.5,
		1e-6,
		9.9e-7,
		1e20,
		1e21,
		5e-324,
		math.MaxFloat32,
		math.MaxFloat64,
		0.1,
		-0.000001,
		123456.789,
		0.30000000000000004,
		999999999.999999,
		1e9,
	} {
		f.Add(v, int64(v))
	}
	for n := int64(1); n > 0; n *= 10 {
		f.Add(float64(n)/1e6, n)
		f.Add(float64(n-1)/1e6, n-1)
	}
	f.Add(1.0, int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, v float64, n int64) {
		if Finite(v) {
			text := string(AppendFloat(nil, v, 64))
			back, err := strconv.ParseFloat(text, 64)
			if err != nil || back != v || !json.Valid([]byte(text)) || !strings.Contains(text, ".") {
				t.Errorf("AppendFloat(%v) = %s, which reads back as %v (%v)", v, text, back, err)
			}
			if short := strconv.FormatFloat(v, 'f', -1, 64); math.Abs(v) < 1e9 && math.Abs(v) >= 1e-6 &&
				text != short && text != short+".0" {
				t.Errorf("AppendFloat(%v) = %s, want %s", v, text, short)
			}
		}
		if v32 := float32(v); Finite(float64(v32)) {
			text := string(AppendFloat(nil, float64(v32), 32))
			back, err := strconv.ParseFloat(text, 32)
			if err != nil || float32(back) != v32 || !strings.Contains(text, ".") {
				t.Errorf("AppendFloat(%v) = %s, which reads back as %v (%v)", v32, text, back, err)
			}
		}
		if got, want := string(AppendInt(nil, n)), strconv.FormatInt(n, 10); got != want {
			t.Errorf("AppendInt(%d) = %s", n, got)
		}
		if got, want := string(AppendUint(nil, uint64(n))), strconv.FormatUint(uint64(n), 10); got != want {
			t.Errorf("AppendUint(%s) = %s", want, got)
		}
		text := string(AppendSeconds(nil, time.Duration(n)))
		back, err := time.ParseDuration(text + "s")
		if n == math.MinInt64 {
			back, err = time.ParseDuration("-9223372036.854775808s")
		}
		if err != nil || int64(back) != n || !strings.Contains(text, ".") || !json.Valid([]byte(text)) {
			t.Errorf("AppendSeconds(%d ns) = %s, which reads back as %v (%v)", n, text, back, err)
		}
	})
}
