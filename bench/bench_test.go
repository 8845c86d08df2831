package main

import (
	"encoding/xml"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/bench/internal/peer"
)

// TestMain lets measure start this test binary as the server and the sender.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "send") {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestMeasure(t *testing.T) {
	s := scenarios(200 * time.Millisecond)[1]
	for _, name := range []string{"synlogger", "zap", "go-gelf v2"} {
		r, err := s.measure(name)
		if err != nil {
			t.Fatal(err)
		}
		if r.Records == 0 || r.lost() != 0 || r.Duplicates != 0 || r.Invalid != 0 || r.Blocked {
			t.Errorf("%s: %+v, lost %d", name, r.Sent, r.lost())
		}
		if r.Longest < r.P999 || r.P999 <= 0 {
			t.Errorf("%s: longest call %v, p99.9 %v", name, r.Longest, r.P999)
		}
	}
}

// TestMeasureStall measures a package that blocks, and synlogger, which drops records.
func TestMeasureStall(t *testing.T) {
	s := scenarios(0)[3]
	s.duration, s.send = time.Second, []string{"-rate", "0"}
	r, err := s.measure("slog.JSONHandler")
	if err != nil {
		t.Fatal(err)
	}
	if !r.Blocked || r.Longest < time.Second || r.Records != 0 || r.lost() <= 0 {
		t.Errorf("got %+v, %d records", r.Sent, r.Records)
	}
	s.send = []string{"-rate", "1000"}
	if r, err = s.measure("synlogger"); err != nil {
		t.Fatal(err)
	}
	if r.Accepted == 0 || r.Records != 0 {
		t.Errorf("got %+v, %d records", r.Sent, r.Records)
	}
}

func TestMeasureReportsUnknownPeer(t *testing.T) {
	_, err := scenarios(time.Millisecond)[0].measure("nobody")
	if err == nil || !strings.Contains(err.Error(), `unknown peer "nobody"`) {
		t.Errorf("got error %v", err)
	}
}

func TestHistogram(t *testing.T) {
	var h, other histogram
	for i := range 990 {
		h.record(time.Duration(i % 7))
	}
	for range 10 {
		other.record(time.Millisecond)
	}
	h.add(&other)
	if got := h.quantile(0.5); got > 7 {
		t.Errorf("median is %v, want at most 7ns", got)
	}
	if got := h.quantile(0.995); got != time.Millisecond {
		t.Errorf("the quantile 0.995 is %v, want 1ms", got)
	}
	for d := time.Duration(1); d < time.Minute; d = d*9/8 + 1 {
		var one histogram
		one.record(d)
		one.record(time.Hour)
		if got := one.quantile(0); got < d || got > d+d/8 {
			t.Errorf("the bound of %v is %v", d, got)
		}
	}
}

func TestDrawBars(t *testing.T) {
	r := result{Sent: Sent{Start: time.Unix(0, 0)}}
	r.Records, r.LastRead = 1_234_567, time.Unix(1, 0)
	tab := table{scenario: scenarios(0)[0], results: map[string][]result{}}
	for _, p := range []int{0, 3} {
		tab.peers = append(tab.peers, peer.Peers[p])
		tab.results[peer.Peers[p].Name] = []result{r}
	}
	text := drawBars(tab, "#000", "#111", "#222")
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Count(text, "1,235,000") != 2 || strings.Count(text, "<rect") != 2 {
		t.Errorf("got %s", text)
	}
}
