package graylogtest

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog"
)

// A Kind is a type of input.
type Kind string

// The types of GELF inputs.
const (
	TCP Kind = graylog.GELFTCP
	UDP Kind = graylog.GELFUDP
)

func (k Kind) network() string {
	if k == UDP {
		return "udp"
	}
	return "tcp"
}

// An Input is a GELF input of the server.
type Input struct {
	ID, Title string
	Kind      Kind
	Addr      string // host:port
}

// Query finds the messages of this input, except those that [Server.Settle]
// sends.
func (in Input) Query() string {
	return fmt.Sprintf("gl2_source_input:%s AND NOT source:%s", in.ID, settleHost)
}

// Input returns the GELF TCP input with this title when it is running. If there
// is no such input, it creates one for the test, at a free port of 127.0.0.1.
func (s *Server) Input(title string) Input {
	s.t.Helper()
	states, err := s.API.InputStates(context.Background())
	s.check(err)
	for _, st := range states {
		if st.Input.Title == title && st.Input.Type == graylog.GELFTCP {
			return s.running(st.ID)
		}
	}
	return s.NewInput(title, TCP)
}

// NewInput creates an input at a free port of 127.0.0.1. It is deleted when the
// test ends.
func (s *Server) NewInput(title string, kind Kind) Input {
	s.t.Helper()
	return s.NewInputAt(title, kind, s.freePort(kind))
}

// NewInputAt creates an input at a port of 127.0.0.1 and waits until it is
// running. It is deleted when the test ends.
func (s *Server) NewInputAt(title string, kind Kind, port int) Input {
	s.t.Helper()
	configuration := map[string]any{
		"bind_address":          "127.0.0.1",
		"port":                  port,
		"recv_buffer_size":      1 << 20,
		"decompress_size_limit": 8 << 20,
		"number_worker_threads": 2,
	}
	if kind == TCP {
		configuration["use_null_delimiter"] = true
		configuration["max_message_size"] = 2 << 20
		configuration["tls_enable"] = false
	}
	id, err := s.API.CreateInput(context.Background(), graylog.Input{
		Title:      title,
		Type:       string(kind),
		Global:     true,
		Attributes: configuration,
	})
	s.check(err)
	s.cleanup(func(ctx context.Context) error { return s.API.DeleteInput(ctx, id) })
	return s.running(id)
}

// freePort returns a port that no program listens at. If another program takes
// it before the input does, the input does not run.
func (s *Server) freePort(kind Kind) int {
	s.t.Helper()
	if kind == UDP {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0")
		s.check(err)
		defer conn.Close()
		return conn.LocalAddr().(*net.UDPAddr).Port
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.check(err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// running waits until an input receives messages.
func (s *Server) running(id string) Input {
	s.t.Helper()
	var in Input
	s.check(s.until(func() (bool, error) {
		states, err := s.API.InputStates(context.Background())
		for _, st := range states {
			if st.ID != id {
				continue
			}
			if !st.Running() {
				return false, fmt.Errorf("input %q at port %d is %s: %s",
					st.Input.Title, st.Input.Port(), st.State, st.Detail)
			}
			host := st.Input.Bind()
			if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
				host = "127.0.0.1"
			}
			in = Input{
				ID:    id,
				Title: st.Input.Title,
				Kind:  Kind(st.Input.Type),
				Addr:  net.JoinHostPort(host, strconv.Itoa(st.Input.Port())),
			}
			return true, nil
		}
		return false, err
	}))
	return in
}

// Dial connects to the input. The connection is closed when the test ends.
func (s *Server) Dial(in Input) net.Conn {
	s.t.Helper()
	conn, err := net.DialTimeout(in.Kind.network(), in.Addr, 5*time.Second)
	s.check(err)
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// Send sends one frame over a new connection and returns the local port. The
// connection stays open until the test ends, so no other connection to the input
// has the same port. Graylog stores the port with the message: see
// [Document.RemotePort].
func (s *Server) Send(in Input, frame []byte) (port int) {
	s.t.Helper()
	conn := s.Dial(in)
	if in.Kind == UDP {
		_, err := conn.Write(frame)
		s.check(err)
		return conn.LocalAddr().(*net.UDPAddr).Port
	}
	_, err := conn.Write(append(frame[:len(frame):len(frame)], 0))
	s.check(err)
	return conn.LocalAddr().(*net.TCPAddr).Port
}
