package gelftest

import (
	"time"
)

// Stop closes the connections and both ports, like a server that is down.
// Received records are kept. Stop returns when the ports are free, and does
// nothing if the server is stopped already.
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
		c.close()
	}
	running := s.running
	s.mu.Unlock()
	running.Wait()
}

// Start opens the ports of a stopped server again, with the same numbers. It ends
// the test if that is not possible, and does nothing if the server is running.
func (s *Server) Start() {
	s.t.Helper()
	s.mu.Lock()
	stopped := s.stopped
	s.mu.Unlock()
	if !stopped {
		return
	}
	var err error
	for range 50 { // another process may use the port for a moment
		if err = s.listen(); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("gelftest: Start: %v", err)
}

// Reset resets all connections (TCP RST), even while data is in transit, and
// returns when they are closed. The server keeps listening.
func (s *Server) Reset() {
	conns := s.openConns()
	s.mu.Lock()
	for _, c := range conns {
		c.raw.SetLinger(0)
		c.close()
	}
	s.mu.Unlock()
	for _, c := range conns {
		<-c.done
	}
}

// HalfClose closes the server's direction of all connections (TCP FIN), like a
// server that is shutting down or a proxy after its idle timeout. The server
// keeps reading what clients send.
func (s *Server) HalfClose() {
	for _, c := range s.openConns() {
		c.raw.CloseWrite()
	}
}

// Stall stops reading from all connections, including those that the server
// accepts later. Clients can send some megabytes into the kernel's buffers
// before they block.
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

// Resume ends a [Server.Stall].
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

// interrupt makes pending and later reads return immediately.
func interrupt(c interface{ SetReadDeadline(time.Time) error }) {
	c.SetReadDeadline(time.Unix(1, 0))
}

// Conns returns the number of open TCP connections.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// WaitConns waits until at least n connections are open. After [WaitTimeout] it
// ends the test.
func (s *Server) WaitConns(n int) {
	s.t.Helper()
	for deadline := time.Now().Add(WaitTimeout); s.Conns() < n; time.Sleep(pollInterval) {
		if time.Now().After(deadline) {
			s.t.Fatalf("gelftest: %d of %d connections are open after %v", s.Conns(), n, WaitTimeout)
		}
	}
}
