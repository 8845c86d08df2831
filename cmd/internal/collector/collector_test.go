package collector_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/ingest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/role"
)

// A frame becomes the expected record.
func TestFrameToRecord(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs",
		`{"version":"1.1","host":"hospital-1","short_message":" Aligned ","full_message":"line 1\nline 2",
			"timestamp":1700000000.123456,"level":4,`+
			`"_logger":"TTP_hospital-1","_epoch":3,"_loss":1.0,"_quoted":"a \"b\" \\ \u0001","_ready":true}`,
		`{"version":"1.1","short_message":"bare","_logger":"x"}`)
	collectortest.Await(t, c, search.Query{}, 2)
	got, err := c.Search(t.Context(), search.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if age := time.Since(got[i].Received); age < -time.Second || age > time.Minute {
			t.Errorf("record %d was received %v ago", i, age)
		}
		if got[i].RemotePort == 0 {
			t.Errorf("record %d has no remote port", i)
		}
		got[i].RemotePort = 0
		for j := range got[i].Findings {
			if got[i].Findings[j].Reason == "" {
				t.Errorf("finding %v has no reason", got[i].Findings[j])
			}
			got[i].Findings[j].Reason = ""
		}
	}
	if got[0].Timestamp != got[0].Received {
		t.Errorf("a record without a timestamp has %v, want the time of arrival %v", got[0].Timestamp, got[0].Received)
	}
	want := []record.Record{{
		ID: 2, Received: got[0].Received, Timestamp: got[0].Timestamp, Source: "127.0.0.1", Message: "bare", Level: -1,
		Logger: "x", Streams: []string{"Default Stream"}, Fields: map[string]any{"logger": "x"},
		RemoteIP: "127.0.0.1", Input: "TTP Logs",
	}, {
		ID:          1,
		Received:    got[1].Received,
		Timestamp:   time.Date(2023, 11, 14, 22, 13, 20, 123e6, time.UTC),
		Source:      "hospital-1",
		Message:     "Aligned",
		FullMessage: "line 1\nline 2",
		Level:       4,
		Logger:      "TTP_hospital-1",
		Streams:     []string{"TTP Stream"},
		Fields: map[string]any{
			"logger": "TTP_hospital-1", "epoch": int64(3), "loss": 1.0, "quoted": got[1].Fields["quoted"],
		},
		Findings: got[1].Findings,
		RemoteIP: "127.0.0.1", Input: "TTP Logs",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if text, _ := got[1].Fields["quoted"].(string); !strings.HasPrefix(text, `a "b" \`) {
		t.Errorf("quoted is %q", text)
	}
	found := false
	for _, f := range got[1].Findings {
		found = found || f == gelf.Finding{Field: "_ready", Action: gelf.ActionDropped}
	}
	if !found {
		t.Errorf("findings %v do not include the boolean", got[1].Findings)
	}
}

// prefix returns the prefix of a role.
func prefix(t testing.TB, name string) string {
	t.Helper()
	r, err := role.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return r.Prefix
}

// The rules of the streams apply independently of each other, as in Graylog.
func TestStreamRouting(t *testing.T) {
	sys, dir, ttp, wkr := prefix(t, "Sysmetric"), prefix(t, "Director"), prefix(t, "TTP"), prefix(t, "Worker")
	tests := []struct {
		logger string
		want   []string
	}{
		{sys + "a", []string{"Sysmetrics Stream"}},
		{dir + "a", []string{"Director Stream"}},
		{ttp + "a", []string{"TTP Stream"}},
		{wkr + "a", []string{"Worker Stream"}},
		{dir + ttp + "x", []string{"Director Stream", "TTP Stream"}},
		{"my" + wkr, []string{"Worker Stream"}},
		{strings.ToLower(ttp) + "a", []string{"Default Stream"}},
		{"", []string{"Default Stream"}},
	}
	c := collectortest.Start(t, collector.Config{})
	records := map[string]int64{}
	for _, tt := range tests {
		// The logger decides, not the input.
		collectortest.Send(t, c, "Test Logs", collectortest.Frame(tt.logger, "routed"))
		for _, title := range tt.want {
			records[title]++
		}
	}
	collectortest.Await(t, c, search.Query{}, len(tests))
	for _, st := range c.Streams() {
		if st.Records != records[st.Title] {
			t.Errorf("%s counts %d records, want %d", st.Title, st.Records, records[st.Title])
		}
		got, err := c.Search(t.Context(), search.Query{Stream: st.Name})
		if err != nil || int64(len(got)) != st.Records {
			t.Errorf("a search of %s finds %d records, %v; want %d", st.Title, len(got), err, st.Records)
		}
	}
}

func TestUDP(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	conn, err := net.Dial("udp", collectortest.InputAddr(t, c, "Worker Logs"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	fmt.Fprint(zip, collectortest.Frame("WKR_a", "gzip"))
	zip.Close()
	chunked := collectortest.Frame("WKR_a", "chunked")
	for _, datagram := range []string{
		collectortest.Frame("WKR_a", "plain"),
		packed.String(),
		"\x1e\x0f12345678\x00\x02" + chunked[:20],
		"\x1e\x0f12345678\x01\x02" + chunked[20:],
	} {
		if _, err := conn.Write([]byte(datagram)); err != nil {
			t.Fatal(err)
		}
	}
	collectortest.Await(t, c, search.Query{Stream: "Worker"}, 3)
	for _, text := range []string{"plain", "gzip", "chunked"} {
		collectortest.Await(t, c, search.Query{Text: text}, 1)
	}
}

func TestRefused(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs", `{"version":"1.1","host":"h","short_message":" "}`)
	collectortest.Send(t, c, "TTP Logs", "\x1b[31mnonsense", collectortest.Frame("TTP_a", "after nonsense"))
	collectortest.Await(t, c, search.Query{}, 1)
	// an empty frame ends the connection
	collectortest.Send(t, c, "Worker Logs", "", collectortest.Frame("WKR_a", "never read"))
	var s api.Stats
	for s = c.Stats(); len(s.Newest) < 3; s = c.Stats() {
		time.Sleep(time.Millisecond)
	}
	if s.Newest[0].Input != "Worker Logs" {
		t.Errorf("newest refused is %+v, want the one of Worker Logs", s.Newest[0])
	}
	if s.Newest[0].Reason != "connection closed: a frame is empty" {
		t.Errorf("reason %q", s.Newest[0].Reason)
	}
	var sum int64
	for _, n := range s.Refused {
		sum += n
	}
	if sum != 3 || s.Received != 4 {
		t.Errorf("refused %v, received %d; want 3 and 4", s.Refused, s.Received)
	}
	for _, r := range s.Newest {
		if strings.Contains(r.Snippet, "\x1b") {
			t.Errorf("snippet %q has a control character", r.Snippet)
		}
	}
}

// Records that have arrived when the collector stops are stored, even if their
// connection was not accepted yet.
func TestRunStoresWhatArrived(t *testing.T) {
	const n = 50_000
	dir := t.TempDir()
	c, stop := collectortest.StartStop(t, collector.Config{Dir: dir})
	var b bytes.Buffer
	for i := range n {
		b.WriteString(collectortest.Frame("TTP_a", fmt.Sprint("record ", i)))
		b.WriteByte(0)
	}
	conn := collectortest.Dial(t, c, "TTP Logs")
	if _, err := conn.Write(b.Bytes()); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	for range 5 {
		collectortest.Send(t, c, "Worker Logs", collectortest.Frame("WKR_a", "late"))
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if s := c.Stats(); s.Stored != n+5 || s.Received != n+5 || s.Queued != 0 {
		t.Errorf("stored %d of %d received, %d queued; want %d", s.Stored, s.Received, s.Queued, n+5)
	}
}

// Run ends although a silent connection stays open and another sender keeps sending.
func TestRunEndsInTime(t *testing.T) {
	c, stop := collectortest.StartStop(t, collector.Config{})
	collectortest.Dial(t, c, "TTP Logs")
	talker := collectortest.Dial(t, c, "TTP Logs")
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			if _, err := talker.Write([]byte(collectortest.Frame("TTP_a", "on and on") + "\x00")); err != nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	collectortest.Await(t, c, search.Query{}, 1)
	began := time.Now()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("Run took %v to end", took)
	}
	talker.Close()
	<-stopped
	if err := c.Run(context.Background()); err == nil {
		t.Error("a second Run gives no error")
	}
}

func TestPortTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer packets.Close()
	udp := packets.LocalAddr().String()

	tests := []struct {
		cfg  collector.Config
		want ingest.ListenError
	}{
		{
			collector.Config{Inputs: []ingest.Input{{Title: "TTP Logs", Addr: addr}}, Page: collector.PageOff},
			ingest.ListenError{Title: "TTP Logs", Network: "tcp", Addr: addr},
		},
		{
			collector.Config{Inputs: []ingest.Input{{Title: "TTP Logs", Addr: udp}}, Page: collector.PageOff},
			ingest.ListenError{Title: "TTP Logs", Network: "udp", Addr: udp},
		},
		{
			collector.Config{Inputs: collectortest.FreeInputs(), Page: addr},
			ingest.ListenError{Title: "page", Network: "tcp", Addr: addr},
		},
	}
	for _, tt := range tests {
		_, err := collector.New(tt.cfg)
		var got *ingest.ListenError
		if !errors.As(err, &got) || !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatalf("New(%+v): %v, want a ListenError of an address in use", tt.cfg, err)
		}
		tt.want.Err = got.Err
		if *got != tt.want {
			t.Errorf("New: %+v, want %+v", *got, tt.want)
		}
		if want := "collector: " + tt.want.Title + " cannot listen on " + tt.want.Network + " " + tt.want.Addr +
			": "; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %q, want it to begin with %q", err, want)
		}
	}
}

func TestClose(t *testing.T) {
	c, err := collector.New(collector.Config{Inputs: collectortest.FreeInputs(), Page: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context()); err == nil {
		t.Error("Run after Close gives no error")
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
