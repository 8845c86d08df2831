package web_test

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
)

// blindness has the matrices for linear red, green and blue of Machado, Oliveira and
// Fernandes (2009), for eyes that lack one kind of cone.
var blindness = map[string][3][3]float64{
	"no":     {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protan": {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deutan": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritan": {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

type rgb [3]float64 // linear, from 0 to 1

func parseColor(t *testing.T, text string) (c rgb) {
	t.Helper()
	var n [3]int
	if _, err := fmt.Sscanf(text, "#%02x%02x%02x", &n[0], &n[1], &n[2]); err != nil {
		t.Fatalf("color %q: %v", text, err)
	}
	for i := range c {
		c[i] = float64(n[i]) / 255
		if c[i] <= 0.04045 {
			c[i] /= 12.92
		} else {
			c[i] = math.Pow((c[i]+0.055)/1.055, 2.4)
		}
	}
	return c
}

func (c rgb) times(m [3][3]float64) (out rgb) {
	for i, row := range m {
		out[i] = row[0]*c[0] + row[1]*c[1] + row[2]*c[2]
	}
	return out
}

// contrast returns the contrast of WCAG 2, from 1 to 21.
func contrast(a, b rgb) float64 {
	light := func(c rgb) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] + 0.05 }
	return max(light(a)/light(b), light(b)/light(a))
}

// difference returns the distance in Oklab. Black and white have the distance 1.
func difference(a, b rgb) float64 {
	lab := func(c rgb) rgb {
		lms := c.times([3][3]float64{
			{0.4122214708, 0.5363325363, 0.0514459929},
			{0.2119034982, 0.6806995451, 0.1073969566},
			{0.0883024619, 0.2817188376, 0.6299787005},
		})
		for i := range lms {
			lms[i] = math.Cbrt(max(lms[i], 0))
		}
		return lms.times([3][3]float64{
			{0.2104542553, 0.7936177850, -0.0040720468},
			{1.9779984951, -2.4285922050, 0.4505937099},
			{0.0259040371, 0.7827717662, -0.8086757660},
		})
	}
	x, y := lab(a), lab(b)
	return math.Sqrt((x[0]-y[0])*(x[0]-y[0]) + (x[1]-y[1])*(x[1]-y[1]) + (x[2]-y[2])*(x[2]-y[2]))
}

// Any two levels may be adjacent, because those between them may be absent.
func TestChartColors(t *testing.T) {
	page := openCharts(t, 1200, 1000)
	for _, scheme := range []string{"light", "dark"} {
		page.Prefer(scheme)
		values := page.Eval(`const root = getComputedStyle(document.documentElement);
			return ["card", "l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7", "lnone", "rest",
				...Array.from({length: 12}, (_, i) => "c" + i)]
				.map((name) => root.getPropertyValue("--" + name).replace(/^#(.)(.)(.)$/, "#$1$1$2$2$3$3"))`).([]any)
		var colors []rgb
		for _, v := range values {
			colors = append(colors, parseColor(t, v.(string)))
		}
		card, levels := colors[0], colors[1:10]
		for i, c := range colors[1:] {
			if got := contrast(c, card); got < 3 {
				t.Errorf("%s: the contrast of %s is %.2f, want 3", scheme, values[i+1], got)
			}
		}
		for eyes, m := range blindness {
			for i, a := range levels {
				for j, b := range levels[:i] {
					if got := difference(a.times(m), b.times(m)); got < 0.09 {
						t.Errorf("%s, %s blindness: levels %d and %d differ by %.3f", scheme, eyes, j, i, got)
					}
				}
			}
		}
		page.Picture(filepath.Join(pictures, "chart-levels-"+scheme+".png"))
	}
}
