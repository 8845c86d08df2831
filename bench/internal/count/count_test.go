package count

import (
	"fmt"
	"net"
	"testing"
	"time"
)

func frame(sender, number int) string {
	return fmt.Sprintf(`{"short_message":"{}","_party":"hospital-%d","_round":%d}`, sender, number)
}

func TestTally(t *testing.T) {
	for _, test := range []struct {
		name    string
		numbers []int
		want    Tally
	}{
		{"complete", []int{0, 1, 2}, Tally{Records: 3}},
		{"lost", []int{0, 2}, Tally{Records: 2}},
		{"twice", []int{0, 1, 1, 2}, Tally{Records: 3, Duplicates: 1}},
		{"out of order", []int{0, 2, 1, 3}, Tally{Records: 4, OutOfOrder: 1}},
		{"above a word of the bitmap", []int{63, 64, 1000, 64}, Tally{Records: 3, Duplicates: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got Tally
			for _, number := range test.numbers {
				got.Add([]byte(frame(3, number)))
			}
			got.senders = nil
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
	var got Tally
	got.Add([]byte(`{"_party":"hospital-1"}`))
	got.Add([]byte(frame(maxSenders, 1)))
	got.Add([]byte(frame(1, maxNumber)))
	if got.Invalid != 3 || got.Records != 0 {
		t.Errorf("got %+v, want 3 invalid frames", got)
	}
}

// TestServer sends frames of two goroutines in pieces, ends a connection within a frame,
// restarts the listener and sends a duplicate.
func TestServer(t *testing.T) {
	s, err := Listen(false)
	if err != nil {
		t.Fatal(err)
	}
	const each = 5000
	send := func(sender, from, to int, separator, last string) {
		conn, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		var data []byte
		for i := from; i < to; i++ {
			data = append(data, frame(sender, i)+separator...)
		}
		data = append(data, last...)
		for len(data) > 0 {
			n := min(len(data), 777)
			if _, err := conn.Write(data[:n]); err != nil {
				t.Error(err)
				return
			}
			data = data[n:]
		}
	}
	done := make(chan bool)
	go func() { send(0, 0, each, "\x00", `{"_party":"hospital-0","_rou`); done <- true }()
	go func() { send(1, 0, each, "\n", ""); done <- true }()
	<-done
	<-done
	wait(t, s, 2*each, 0)
	s.Down()
	if conn, err := net.Dial("tcp", s.Addr()); err == nil {
		conn.Close()
		t.Error("a connection was possible while the server was down")
	}
	if err := s.Up(); err != nil {
		t.Fatal(err)
	}
	send(0, each-1, each+1, "\x00", "")
	wait(t, s, 2*each+1, 1)
	got, _ := s.Close()
	if got.OutOfOrder != 0 || got.Invalid != 0 {
		t.Errorf("got %d out of order and %d invalid, want 0", got.OutOfOrder, got.Invalid)
	}
}

func wait(t *testing.T, s *Server, records, duplicates uint64) {
	t.Helper()
	var got Tally
	for range 1000 {
		s.mu.Lock()
		got = s.tally
		s.mu.Unlock()
		if got.Records == records && got.Duplicates == duplicates {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("got %d records and %d duplicates, want %d and %d", got.Records, got.Duplicates, records, duplicates)
}
