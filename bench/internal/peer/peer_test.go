package peer

import (
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/bench/internal/count"
)

func BenchmarkFrontEnd(b *testing.B) {
	for _, k := range Kinds {
		for _, p := range Peers {
			log, stop := p.Discard(k)
			if log == nil {
				continue
			}
			b.Run("serial/"+string(k)+"/"+p.Name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					log("hospital-1", 7)
				}
			})
			b.Run("parallel/"+string(k)+"/"+p.Name, func(b *testing.B) {
				b.ReportAllocs()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						log("hospital-1", 7)
					}
				})
			})
			stop()
		}
	}
}

// TestDelivers checks that the server can identify the record of each package. UDP may
// lose packets, so one record is enough.
func TestDelivers(t *testing.T) {
	for _, p := range Peers {
		t.Run(p.Name, func(t *testing.T) {
			server, err := count.Listen(false)
			if err != nil {
				t.Fatal(err)
			}
			log, stop, err := p.Dial(server.Addr(), true)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 10 {
				log("hospital-0", i)
			}
			if p.Name == "slog-graylog" {
				time.Sleep(200 * time.Millisecond) // Close would discard what its goroutines send
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
			for range 500 {
				if server.Records() == 10 {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			tally, _ := server.Close()
			if tally.Records == 0 || tally.Invalid != 0 || tally.Duplicates != 0 {
				t.Errorf("got %d records, %d invalid, %d duplicates", tally.Records, tally.Invalid, tally.Duplicates)
			}
		})
	}
}
