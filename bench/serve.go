package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aimakerspace/synlogger/bench/internal/count"
)

// Served is what the counting server reports.
type Served struct {
	count.Tally
	LastRead time.Time
}

// serve runs the counting server until the end of standard input. It prints the address
// first and the counts last.
func serve(args []string) error {
	flags := flag.NewFlagSet("bench serve", flag.ContinueOnError)
	stall := flags.Bool("stall", false, "accept connections and read nothing")
	outage := flags.Duration("outage", 0, "`time` without a listener, one second after the first record")
	if err := flags.Parse(args); err != nil {
		return err
	}
	server, err := count.Listen(*stall)
	if err != nil {
		return err
	}
	fmt.Println(server.Addr())
	ended := make(chan error)
	if *outage > 0 {
		go func() {
			for server.Records() == 0 {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(time.Second)
			server.Down()
			time.Sleep(*outage)
			ended <- server.Up()
		}()
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	if *outage > 0 {
		if err := <-ended; err != nil {
			return err
		}
	}
	if !*stall {
		// The kernel may still hold records of a sender that has ended.
		for deadline := time.Now().Add(10 * time.Second); server.Idle() < 300*time.Millisecond; {
			if time.Now().After(deadline) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	var served Served
	served.Tally, served.LastRead = server.Close()
	return json.NewEncoder(os.Stdout).Encode(served)
}
