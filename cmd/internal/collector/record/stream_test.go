package record

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/role"
)

// The rules of the streams apply independently of each other, as in Graylog.
func TestRoute(t *testing.T) {
	prefix := func(name string) string {
		r, err := role.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		return r.Prefix
	}
	for _, tt := range []struct {
		logger string
		want   []string
	}{
		{prefix("Sysmetric") + "a", []string{"Sysmetrics Stream"}},
		{prefix("TTP") + "a", []string{"TTP Stream"}},
		{prefix("Director") + prefix("TTP") + "x", []string{"Director Stream", "TTP Stream"}},
		{"my" + prefix("Worker"), []string{"Worker Stream"}},
		{strings.ToLower(prefix("TTP")) + "a", []string{"Default Stream"}},
		{"", []string{"Default Stream"}},
	} {
		set := Route(func(field string) string {
			if field == "logger" {
				return tt.logger
			}
			return ""
		})
		if diff := cmp.Diff(tt.want, StreamTitles(set)); diff != "" {
			t.Errorf("streams of logger %q (-want +got):\n%s", tt.logger, diff)
		}
	}
}

// A stream is found by its name, its title and its prefix, in any case.
func TestStreamIndex(t *testing.T) {
	for name, want := range map[string]string{
		"TTP":           "TTP",
		"ttp stream":    "TTP",
		"TTP_":          "TTP",
		"default":       DefaultStream,
		"worker Stream": "Worker",
	} {
		i, err := StreamIndex(name)
		if err != nil || StreamNames()[i] != want {
			t.Errorf("%q is stream %d, %v; want %s", name, i, err, want)
		}
	}
	if _, err := StreamIndex("nobody"); !errors.Is(err, ErrNoStream) {
		t.Errorf("an unknown stream: %v, want ErrNoStream", err)
	}
}
