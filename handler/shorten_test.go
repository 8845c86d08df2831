package handler

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/gelf"
)

// TestLongFields checks how long texts are cut, and that truncated lists the fields.
func TestLongFields(t *testing.T) {
	const most = gelf.MaxField
	long := func(s string, n int) string { return strings.Repeat(s, n/len(s)) }
	runStored(t, []storedTest{
		{
			name:  "the longest text that is stored whole",
			attrs: attrs{slog.String("v", long("x", most))},
			want:  stored{"v": long("x", most)},
		},
		{
			name:  "one byte more",
			attrs: attrs{slog.String("v", long("x", most+1))},
			want:  stored{"v": long("x", most), "truncated": "v"},
		},
		{
			name:  "cut between characters",
			attrs: attrs{slog.String("v", "x"+long("世", most))},
			want:  stored{"v": "x" + long("世", most-3), "truncated": "v"},
		},
		{
			name:  "characters of four bytes",
			attrs: attrs{slog.String("v", long("🚀", most+4))},
			want:  stored{"v": long("🚀", most), "truncated": "v"},
		},
		{
			name:  "invalid bytes, which are stored as three bytes each",
			attrs: attrs{slog.String("v", long("\xff", most/3+1))},
			want:  stored{"v": long("\uFFFD", most), "truncated": "v"},
		},
		{
			name: "values of other kinds",
			attrs: attrs{
				slog.Any("a", []byte(long("x", most+1))),
				slog.Any("b", fmt.Errorf("%s", long("y", most+1))),
				slog.Group("g", "c", namedString(long("z", most+1))),
			},
			want: stored{"a": long("x", most), "b": long("y", most), "g_c": long("z", most), "truncated": "a, b, g_c"},
		},
		{
			name:  "more white space than is stored",
			attrs: attrs{slog.String("v", long(" ", most)+"x")},
			want:  stored{"v": "x"},
		},
		{
			name:  "a long number",
			attrs: attrs{slog.Any("v", jsonMarshaler(long("9", most+1)))},
			want:  stored{"v_text": long("9", most), "truncated": "v_text"},
		},
	})
}
