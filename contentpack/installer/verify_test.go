package installer

import (
	"slices"
	"testing"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

func TestVerifyVersion(t *testing.T) {
	marked := newPack(t, contentpack.Config{EventAnnotations: true})
	plain := newPack(t, contentpack.Config{})
	const (
		draws   = "its page cannot draw the 11 charts that mark events"
		untried = "synlogger was not tried with this version, only with versions up to 7.0"
	)
	for _, tc := range []struct {
		version string
		pack    contentpack.Pack
		want    []string
	}{
		{"6.0.9", marked, nil},
		{"6.1.0", marked, []string{draws}},
		{"6.1.3+abc", marked, []string{draws}},
		{"6.1.3", plain, nil},
		{"6.1.4", marked, nil},
		{"7.0.13", marked, nil},
		{"7.1.0", plain, []string{untried}},
		{"7.2.0-alpha.1", plain, []string{untried}},
		{"8.0.0", plain, []string{untried}},
	} {
		v, err := version.Parse(tc.version)
		if err != nil {
			t.Fatal(err)
		}
		s := &session{version: v, report: Report{Version: tc.version}}
		s.verifyVersion(tc.pack)
		var got []string
		for _, f := range s.report.Findings {
			got = append(got, f.Found)
			if f.Where != "Graylog "+tc.version || f.Problem != (f.Found == draws) {
				t.Errorf("%s: %+v", tc.version, f)
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: the findings are %q, want %q", tc.version, got, tc.want)
		}
	}
}
