package spool_test

import (
	"fmt"
	"log"
	"os"

	"github.com/aimakerspace/synlogger/internal/spool"
)

// Frames are appended during an outage. The process ends, and the next process sends
// the remaining frames.
func Example() {
	dir, err := os.MkdirTemp("", "spool")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	before, err := spool.Open(spool.Config{Dir: dir})
	if err != nil {
		log.Fatal(err)
	}
	b, err := before.Append([]byte("{\"short_message\":\"one\"}\x00{\"short_message\":\"two\"}\x00"))
	if err != nil {
		log.Fatal(err)
	}
	if err := before.Release(b, 1); err != nil { // one of them was sent
		log.Fatal(err)
	}
	if err := before.Close(); err != nil {
		log.Fatal(err)
	}

	after, err := spool.Open(spool.Config{Dir: dir})
	if err != nil {
		log.Fatal(err)
	}
	defer after.Close()
	for _, b := range after.Pending() {
		frames, damaged, err := after.Read(b, nil)
		fmt.Printf("%q, %d damaged, %v\n", frames, damaged, err)
		if err := after.Release(b, b.Frames); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(after.Size(), "bytes remain")
	// Output:
	// "{\"short_message\":\"two\"}\x00", 0 damaged, <nil>
	// 0 bytes remain
}
