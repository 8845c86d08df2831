package collector_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
)

// A test runs a collector at free ports, lets a program log to it, and checks the
// records.
func Example() {
	c, err := collector.New(collector.Config{
		Inputs: []collector.Input{{Title: "TTP Logs", Addr: "127.0.0.1:0"}},
		Page:   collector.PageOff,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()

	conn, err := net.Dial("tcp", c.Inputs()[0].Addr)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Fprint(conn, `{"version":"1.1","host":"hospital-1","short_message":"Hello World!","level":6,
		"_logger":"TTP_hospital-1","_ready":true}`, "\x00")
	conn.Close()

	query := collector.Query{Stream: "TTP", Text: "hello"}
	if _, err := c.Wait(ctx, query, 1); err != nil {
		fmt.Println(err)
		return
	}
	records, err := c.Search(ctx, query)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range records {
		fmt.Println(r.LevelName(), r.Logger, r.Source, r.Message, r.Streams)
		for _, f := range r.Findings {
			fmt.Println(f.Field, f.Action)
		}
	}
	cancel()
	fmt.Println(<-done)

	// Output:
	// INFO TTP_hospital-1 hospital-1 Hello World! [TTP Stream]
	// _ready dropped
	// <nil>
}
