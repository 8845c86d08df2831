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

// WaitTimeout is how long Expect and the Wait methods wait before they end the
// test.
const WaitTimeout = 10 * time.Second

// pollInterval is the pause between two looks at a condition. A signal for each
// frame would cost a fast sender more than the frame itself.
const pollInterval = time.Millisecond

// A Record is one received frame.
type Record struct {
	// Message is what Graylog would store.
	gelf.Message
	// Findings are the fields that Graylog would not store as sent.
	Findings []gelf.Finding
	// Frame is the frame without its NUL. A frame received over UDP is
	// decompressed.
	Frame []byte
	// Err is the reason why Graylog would reject the frame, or nil.
	Err error
	// Conn is the number of the connection, counted from 1 in the order in which
	// the server accepted them. It is 0 for a datagram.
	Conn int
}

// A receivedFrame is a frame that is not decoded yet.
type receivedFrame struct {
	data []byte
	conn int
}

func (f receivedFrame) decode() Record {
	m, findings, err := gelf.Decode(f.data)
	return Record{m, findings, f.data, err, f.conn}
}

// A store keeps frames in the order of their arrival and decodes them on demand.
type store struct {
	mu      sync.Mutex
	frames  []receivedFrame
	records []Record // of the first frames, as far as they were requested
	errs    []error
}

func (st *store) add(data []byte, conn int) {
	st.mu.Lock()
	st.frames = append(st.frames, receivedFrame{data, conn})
	st.mu.Unlock()
}

func (st *store) addError(err error) {
	st.mu.Lock()
	st.errs = append(st.errs, err)
	st.mu.Unlock()
}

func (st *store) len() int {
	st.mu.Lock()
	defer st.mu.Unlock()
	return len(st.frames)
}

// lastErrors returns the last n errors.
func (st *store) lastErrors(n int) []error {
	st.mu.Lock()
	defer st.mu.Unlock()
	return slices.Clone(st.errs[max(0, len(st.errs)-n):])
}

// Len returns the number of received records.
func (s *Server) Len() int { return s.store.len() }

// Records returns all received records in the order of their arrival. Records of
// one connection are in the order in which they were sent.
func (s *Server) Records() []Record { return s.records(0) }

// records returns the received records from an index on.
func (s *Server) records(from int) []Record {
	st := &s.store
	st.mu.Lock()
	defer st.mu.Unlock()
	decoded := len(st.records)
	st.records = slices.Grow(st.records, len(st.frames)-decoded)[:len(st.frames)]
	decodeAll(st.records[decoded:], st.frames[decoded:])
	return slices.Clone(st.records[from:])
}

// decodeAll uses all processors for a large number of frames.
func decodeAll(records []Record, frames []receivedFrame) {
	const minShare = 4096 // frames per goroutine
	if len(frames) <= minShare {
		for i, f := range frames {
			records[i] = f.decode()
		}
		return
	}
	var wg sync.WaitGroup
	n := max(minShare, len(frames)/runtime.GOMAXPROCS(0)+1)
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

// All returns an iterator over the records received so far, like
// [Server.Records], but does not keep the decoded records.
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

// Errors returns the reasons for which the server closed connections, and an
// error for datagrams that were not GELF.
func (s *Server) Errors() []error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return slices.Clone(s.store.errs)
}

// Wait waits until at least n records have arrived since the server was created,
// and returns all received records. It ends the test if no record arrives for
// [WaitTimeout].
//
// If other records can arrive too, use [Server.Expect].
func (s *Server) Wait(n int) []Record {
	s.t.Helper()
	s.WaitLen(n)
	return s.Records()
}

// WaitLen is like [Server.Wait] but does not decode the records.
func (s *Server) WaitLen(n int) {
	s.t.Helper()
	deadline := time.Now().Add(WaitTimeout)
	for last := 0; ; time.Sleep(pollInterval) {
		received := s.Len()
		if received >= n {
			return
		}
		if received > last {
			last, deadline = received, time.Now().Add(WaitTimeout)
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("gelftest: %s", s.missing(n))
		}
	}
}

// missing describes a server that has received fewer than n records.
func (s *Server) missing(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "received %d of %d records, and no record for %v; %d connections are open",
		s.Len(), n, WaitTimeout, s.Conns())
	for _, f := range s.store.lastFrames(3) {
		fmt.Fprintf(&b, "\n\treceived: %.300s", f.data)
		if _, _, err := gelf.Decode(f.data); err != nil {
			fmt.Fprintf(&b, "\n\t\trejected: %v", err)
		}
	}
	for _, err := range s.store.lastErrors(3) {
		fmt.Fprintf(&b, "\n\t%v", err)
	}
	return b.String()
}

// lastFrames returns the last n frames.
func (st *store) lastFrames(n int) []receivedFrame {
	st.mu.Lock()
	defer st.mu.Unlock()
	return slices.Clone(st.frames[max(0, len(st.frames)-n):])
}

// An arena copies byte slices into few large blocks of memory.
type arena struct{ block []byte }

func (a *arena) clone(p []byte) []byte {
	const blockSize = 256 << 10
	if len(p) > blockSize/8 {
		return slices.Clone(p)
	}
	if len(p) > cap(a.block)-len(a.block) {
		a.block = make([]byte, 0, blockSize)
	}
	at := len(a.block)
	a.block = append(a.block, p...)
	return a.block[at:len(a.block):len(a.block)]
}
