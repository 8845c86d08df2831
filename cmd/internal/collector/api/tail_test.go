package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// tailing opens a live tail and returns what it sends.
func tailing(t *testing.T, c *collector.Collector, query, lastID string) (events func() (id string, e api.TailEvent)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	r, err := http.NewRequestWithContext(ctx, "GET", c.PageURL()+"api/tail?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	transport := &http.Transport{}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); answer.Body.Close(); transport.CloseIdleConnections() })
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() && lines.Text() != "" { // the first comment
	}
	return func() (id string, e api.TailEvent) {
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				id = value
			case "data":
				if err := json.Unmarshal([]byte(value), &e); err != nil {
					t.Fatal(err)
				}
				return id, e
			}
		}
		t.Fatal("the tail ended: ", lines.Err())
		return "", e
	}
}

func TestTail(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	next := tailing(t, c, "q=wanted", "")
	collectortest.Send(
		t,
		c,
		"TTP Logs",
		collectortest.Frame("TTP_a", "wanted 1"),
		collectortest.Frame("TTP_a", "other"),
		collectortest.Frame("TTP_a", "wanted 2"),
	)
	var got []string
	var last string
	for len(got) < 2 {
		id, e := next()
		last = id
		for _, r := range e.Records {
			got = append(got, r.Message)
		}
	}
	if fmt.Sprint(got) != "[wanted 1 wanted 2]" {
		t.Errorf("the tail has %q", got)
	}
	var frames []string
	for i := range api.TailRecords + 50 {
		frames = append(frames, collectortest.Frame("TTP_a", fmt.Sprint("wanted late ", i)))
	}
	collectortest.Send(t, c, "TTP Logs", frames...)
	collectortest.Await(t, c, search.Query{Text: "late"}, len(frames))
	// A client that reconnects continues after the last event. Events leave out
	// records beyond their limit.
	_, e := tailing(t, c, "q=wanted", last)()
	if len(e.Records) != api.TailRecords || e.Skipped != 50 ||
		e.Records[api.TailRecords-1].Message != fmt.Sprint("wanted late ", api.TailRecords+49) {
		t.Errorf("%d records, %d skipped", len(e.Records), e.Skipped)
	}
}

// A restarted collector with an empty store starts at id 1. A client that reconnects
// gets the records of the new store.
func TestTailAfterRestart(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "one"), collectortest.Frame("TTP_a", "two"))
	collectortest.Await(t, c, search.Query{}, 2)
	for _, tt := range []struct{ query, lastID string }{{"", "5000"}, {"after=5000", ""}, {"after=1", "5000"}} {
		if id, e := tailing(
			t,
			c,
			tt.query,
			tt.lastID,
		)(); id != "2" || len(e.Records) != 2 || e.Records[0].Message != "one" {
			t.Errorf("%+v: event %s of %+v", tt, id, e)
		}
	}
	// A client that has all records waits for the next.
	for last, start := range []func(id string) (query, lastID string){
		2: func(string) (string, string) { return "", "" },
		3: func(id string) (string, string) { return "", id },
		4: func(id string) (string, string) { return "after=" + id, "" },
		5: func(id string) (string, string) { return "after=0", id },
	} {
		if start == nil {
			continue
		}
		query, lastID := start(fmt.Sprint(last))
		next := tailing(t, c, query, lastID)
		collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "more"))
		if id, e := next(); len(e.Records) != 1 || id != fmt.Sprint(last+1) || e.Records[0].ID != int64(last+1) {
			t.Errorf("?%s, Last-Event-ID %q: event %s of %+v", query, lastID, id, e)
		}
	}
}

// A tail continues when records are deleted, even records that it has not sent.
func TestTailWhileDeleted(t *testing.T) {
	c := collectortest.Start(t, collector.Config{MaxRecords: 3})
	next := tailing(t, c, "", "")
	for i := 1; i < 10; i++ {
		collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", fmt.Sprint("record ", i)))
		collectortest.Await(t, c, search.Query{After: int64(i) - 1}, 1)
		if i == 5 {
			if _, err := c.Clear(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	seen := int64(0)
	for seen < 9 {
		_, e := next()
		for _, r := range e.Records {
			if r.ID <= seen || r.Message != fmt.Sprint("record ", r.ID) {
				t.Errorf("record %d, %q, after %d", r.ID, r.Message, seen)
			}
			seen = r.ID
		}
	}
}
