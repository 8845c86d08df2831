package gelftest

import (
	"time"
)

// Stop is an outage: the server cuts its connections and listens no longer, so
// that new ones are refused. Records are kept. Stop returns when both ports are
// free, and does nothing on a server that is stopped.
func (s *Server) Stop() {
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return
	}
	s.stopped = true
	s.tcp.Close()
	s.udp.Close()
	close(s.quit)
	for c := range s.conns {
		c.cut()
	}
	running := s.running
	s.mu.Unlock()
	running.Wait()
}

// Start ends an outage: the server listens again, on the same port. It ends the
// test if that is not possible.
func (s *Server) Start() {
	s.t.Helper()
	s.mu.Lock()
	stopped := s.stopped
	s.mu.Unlock()
	if !stopped {
		return
	}
	var err error
	for range 50 { // someone else's connection may have the port for a moment
		if err = s.listen(); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("gelftest: Start: %v", err)
}

// Reset resets every connection (TCP RST), whatever is under way on it, and
// returns when they are gone. The server goes on listening.
func (s *Server) Reset() {
	all := s.open()
	s.mu.Lock()
	for _, c := range all {
		c.raw.SetLinger(0)
		c.cut()
	}
	s.mu.Unlock()
	for _, c := range all {
		<-c.done
	}
}

// HalfClose ends the server's direction of every connection (TCP FIN), as a
// server does that is shutting down or a proxy that is idle. The server goes on
// reading what clients send.
func (s *Server) HalfClose() {
	for _, c := range s.open() {
		c.raw.CloseWrite()
	}
}

// Stall makes the server read nothing more, from the connections it has and
// from those it goes on accepting. What clients send fills the buffers of the
// kernel, some megabytes, and then blocks.
func (s *Server) Stall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stall != nil {
		return
	}
	s.stall = make(chan struct{})
	if s.stopped {
		return
	}
	interrupt(s.udp)
	for c := range s.conns {
		interrupt(c.raw)
	}
}

// Resume makes a stalled server read again.
func (s *Server) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stall == nil {
		return
	}
	if !s.stopped {
		s.udp.SetReadDeadline(time.Time{})
		for c := range s.conns {
			c.raw.SetReadDeadline(time.Time{})
		}
	}
	close(s.stall)
	s.stall = nil
}

// interrupt makes reads return at once.
func interrupt(c interface{ SetReadDeadline(time.Time) error }) {
	c.SetReadDeadline(time.Unix(1, 0))
}

// Conns returns how many TCP connections are open.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// WaitConns waits until at least n connections are open. It ends the test if
// that takes longer than [Patience].
func (s *Server) WaitConns(n int) {
	s.t.Helper()
	for limit := time.Now().Add(Patience); s.Conns() < n; time.Sleep(poll) {
		if time.Now().After(limit) {
			s.t.Fatalf("gelftest: %d connections after %v, waited for %d", s.Conns(), Patience, n)
		}
	}
}
