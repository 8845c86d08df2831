package gelftest

import (
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
)

// Patience is how long the server waits for the next thing that a test waits
// for before it ends the test.
const Patience = 10 * time.Second

// poll is how often something waited for is looked at. A signal for each frame
// would cost a fast sender more than the frame does.
const poll = time.Millisecond

// A Record is one frame that arrived.
type Record struct {
	// Message is what Graylog would store.
	gelf.Message
	// Findings are what Graylog would not store as sent.
	Findings []gelf.Finding
	// Frame is the frame without its NUL, decompressed if it came by UDP.
	Frame []byte
	// Err says why Graylog would store nothing of the frame; nil if it would.
	Err error
	// Conn is the connection that it came by, counted from 1 in the order they
	// were accepted; 0 for a datagram.
	Conn int
}

// An arrival is a frame as it was read.
type arrival struct {
	frame []byte
	conn  int
}

func (a arrival) decode() Record {
	m, findings, err := gelf.Decode(a.frame)
	return Record{m, findings, a.frame, err, a.conn}
}

// A store keeps frames in the order of their arrival, and decodes them when
// asked to.
type store struct {
	mu      sync.Mutex
	frames  []arrival
	records []Record // of the first frames, as far as someone asked
	errs    []error
}

func (st *store) add(frame []byte, conn int) {
	st.mu.Lock()
	st.frames = append(st.frames, arrival{frame, conn})
	st.mu.Unlock()
}

func (st *store) fail(err error) {
	st.mu.Lock()
	st.errs = append(st.errs, err)
	st.mu.Unlock()
}

func (st *store) len() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return len(st.frames)
}

// Len returns how many records have arrived.
func (s *Server) Len() int { return s.store.len() }

// Records returns all records that have arrived, in the order of their arrival.
// Those of one connection are in the order they were sent.
func (s *Server) Records() []Record {
	st := &s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	from := len(st.records)
	st.records = slices.Grow(st.records, len(st.frames)-from)[:len(st.frames)]
	decodeAll(st.records[from:], st.frames[from:])
	return slices.Clone(st.records)
}

// decodeAll decodes with all processors if there is much to do.
func decodeAll(records []Record, frames []arrival) {
	const share = 4096
	if len(frames) <= share {
		for i, f := range frames {
			records[i] = f.decode()
		}
		return
	}
	var wg sync.WaitGroup
	n := max(share, len(frames)/runtime.GOMAXPROCS(0)+1)
	for at := 0; at < len(frames); at += n {
		end := min(at+n, len(frames))
		wg.Go(func() {
			for i := at; i < end; i++ {
				records[i] = frames[i].decode()
			}
		})
	}
	wg.Wait()
}

// All iterates over the records that have arrived until now, as [Server.Records]
// does, but without keeping what it decodes.
func (s *Server) All() iter.Seq2[int, Record] {
	return func(yield func(int, Record) bool) {
		s.store.mu.Lock()
		frames := slices.Clip(s.store.frames)
		s.store.mu.Unlock()
		for i, f := range frames {
			if !yield(i, f.decode()) {
				return
			}
		}
	}
}

// Errors returns why connections were closed and which datagrams were no GELF.
func (s *Server) Errors() []error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return slices.Clone(s.store.errs)
}

// Wait waits until n records have arrived since the server was made, and
// returns all that have then, perhaps more than n. It ends the test if
// [Patience] goes by without a new record.
func (s *Server) Wait(n int) []Record {
	s.t.Helper()
	s.WaitLen(n)
	return s.Records()
}

// WaitLen is [Server.Wait] without the records.
func (s *Server) WaitLen(n int) {
	s.t.Helper()
	limit := time.Now().Add(Patience)
	for last := 0; ; time.Sleep(poll) {
		have := s.Len()
		if have >= n {
			return
		}
		if have > last {
			last, limit = have, time.Now().Add(Patience)
		}
		if time.Now().After(limit) {
			s.t.Fatalf("gelftest: %s", s.report(n))
		}
	}
}

// report describes a server that waited for n records in vain.
func (s *Server) report(n int) string {
	var b strings.Builder
	frames, errs := s.tail(3)
	fmt.Fprintf(&b, "%d records of %d, and none for %v; %d connections open", s.Len(), n, Patience, s.Conns())
	for i, f := range frames {
		what := "the last frames"
		if i > 0 {
			what = "and"
		}
		fmt.Fprintf(&b, "\n\t%s: %.300s", what, f.frame)
		if _, _, err := gelf.Decode(f.frame); err != nil {
			fmt.Fprintf(&b, "\n\t\trefused: %v", err)
		}
	}
	for _, err := range errs {
		fmt.Fprintf(&b, "\n\t%v", err)
	}
	return b.String()
}

// tail returns the last frames and errors, n of each.
func (s *Server) tail(n int) ([]arrival, []error) {
	st := &s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	return slices.Clone(st.frames[max(0, len(st.frames)-n):]), slices.Clone(st.errs[max(0, len(st.errs)-n):])
}

// An arena keeps small things in few pieces of memory.
type arena struct{ free []byte }

func (a *arena) keep(p []byte) []byte {
	const block = 256 << 10
	if len(p) > block/8 {
		return slices.Clone(p)
	}
	if len(p) > cap(a.free)-len(a.free) {
		a.free = make([]byte, 0, block)
	}
	at := len(a.free)
	a.free = append(a.free, p...)
	return a.free[at:len(a.free):len(a.free)]
}
