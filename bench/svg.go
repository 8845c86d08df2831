package main

import (
	"fmt"
	"os"
	"strings"
)

// writeSVG draws the delivered records per second of a table as bars, once for a light
// and once for a dark page.
func writeSVG(prefix string, t table) error {
	for _, theme := range []struct{ name, text, ours, other string }{
		{"light", "#1f2328", "#0969da", "#afb8c1"},
		{"dark", "#e6edf3", "#4493f8", "#545d68"},
	} {
		text := drawBars(t, theme.text, theme.ours, theme.other)
		if err := os.WriteFile(prefix+"-"+theme.name+".svg", []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func drawBars(t table, text, ours, other string) string {
	const row, left, width = 30, 150, 420
	highest := 1.0
	for _, results := range t.results {
		highest = max(highest, median(results, result.delivered))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="680" height="%d" role="img" `+
		`font-family="system-ui, sans-serif" font-size="14" fill="%s">`+"\n", (len(t.peers)+1)*row+10, text)
	title := "Records delivered per second, " + t.scenario.title
	fmt.Fprintf(&b, "<title>%s</title>\n<text x=\"10\" y=\"22\" font-weight=\"600\">%s</text>\n", title, title)
	for i, p := range t.peers {
		value := median(t.results[p.Name], result.delivered)
		color := other
		if i == 0 {
			color = ours
		}
		y := (i+1)*row + 8
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-8, y+15, p.Name)
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.1f" height="20" rx="3" fill="%s"/>`,
			left, y, value/highest*width, color)
		fmt.Fprintf(&b, `<text x="%.1f" y="%d">%s</text>`+"\n", left+value/highest*width+8, y+15, thousands(value))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// thousands returns a number with separators, rounded to thousands if it is large.
func thousands(v float64) string {
	switch n := int(v+500) / 1000; {
	case v < 1000:
		return fmt.Sprintf("%.0f", v)
	case n < 1000:
		return fmt.Sprintf("%d,000", n)
	default:
		return fmt.Sprintf("%d,%03d,000", n/1000, n%1000)
	}
}
