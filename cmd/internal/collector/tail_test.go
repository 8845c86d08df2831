package collector

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A collector that started anew, with an empty store, begins again at the first
// id. A client that comes again from before gets what the new store has.
func TestTailOfNewStore(t *testing.T) {
	c := start(t, Options{})
	send(t, c, "TTP Logs", frame("TTP_a", "one"), frame("TTP_a", "two"))
	await(t, c, Query{}, 2)
	for _, tt := range []struct{ query, lastID string }{{"", "5000"}, {"after=5000", ""}, {"after=1", "5000"}} {
		if id, e := tailing(t, c, tt.query, tt.lastID)(); id != "2" || len(e.Records) != 2 || e.Records[0].Message != "one" {
			t.Errorf("%+v: event %s of %+v", tt, id, e)
		}
	}
	// One that has all of it waits for the next.
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
		send(t, c, "TTP Logs", frame("TTP_a", "more"))
		if id, e := next(); len(e.Records) != 1 || id != fmt.Sprint(last+1) || e.Records[0].ID != int64(last+1) {
			t.Errorf("?%s, Last-Event-ID %q: event %s of %+v", query, lastID, id, e)
		}
	}
}

// A tail goes on when records are deleted, be it those that it is to send.
func TestTailWhileDeleted(t *testing.T) {
	c := start(t, Options{MaxRecords: 3})
	next := tailing(t, c, "", "")
	for i := 1; i < 10; i++ {
		send(t, c, "TTP Logs", frame("TTP_a", fmt.Sprint("record ", i)))
		await(t, c, Query{After: int64(i) - 1}, 1)
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
				t.Errorf("record %d, %q, behind %d", r.ID, r.Message, seen)
			}
			seen = r.ID
		}
	}
}

// HEAD is as GET on every path of the API, and brings no body.
func TestHead(t *testing.T) {
	c := start(t, Options{})
	send(t, c, "TTP Logs", frame("TTP_a", "one"))
	await(t, c, Query{}, 1)
	client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	for _, rt := range (&restAPI{}).table() {
		if rt.httpMethod() != "GET" {
			continue
		}
		path := strings.TrimPrefix(strings.Replace(rt.path, "{id}", "1", 1), "/")
		if rt.path == "/api/dashboard/data" {
			path += "?tab=TTP"
		}
		answer, err := client.Head(c.PageURL() + path)
		if err != nil {
			t.Errorf("HEAD %s: %v", path, err)
			continue
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != 200 || len(body) > 0 || err != nil || answer.Header.Get("Content-Type") == "" {
			t.Errorf("HEAD %s: status %d, Content-Type %q, %d bytes, %v", path, answer.StatusCode, answer.Header.Get("Content-Type"), len(body), err)
		}
	}
}
