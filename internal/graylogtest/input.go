package graylogtest

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// A Kind is a type of input.
type Kind string

const (
	TCP Kind = "org.graylog2.inputs.gelf.tcp.GELFTCPInput"
	UDP Kind = "org.graylog2.inputs.gelf.udp.GELFUDPInput"
)

func (k Kind) network() string {
	if k == UDP {
		return "udp"
	}
	return "tcp"
}

// An Input takes GELF.
type Input struct {
	ID, Title string
	Kind      Kind
	// Addr is host and port.
	Addr string
}

// Query finds the messages of this input, but for those that [Server.Settle]
// sends.
func (in Input) Query() string {
	return fmt.Sprintf("gl2_source_input:%s AND NOT source:%s", in.ID, settleHost)
}

// inputState is one of /system/inputstates.
type inputState struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Details string `json:"detailed_message"`
	Input   struct {
		Title      string `json:"title"`
		Kind       Kind   `json:"type"`
		Attributes struct {
			Bind string `json:"bind_address"`
			Port int    `json:"port"`
		} `json:"attributes"`
	} `json:"message_input"`
}

func (s *Server) inputStates() ([]inputState, error) {
	var answer struct{ States []inputState }
	err := s.call(http.MethodGet, "/system/inputstates", nil, nil, &answer)
	return answer.States, err
}

// Input returns the GELF TCP input of this title, once it is running. If there
// is none, it makes one, at a free port of 127.0.0.1 and for this test.
func (s *Server) Input(title string) Input {
	s.t.Helper()
	states, err := s.inputStates()
	if err != nil {
		s.t.Fatalf("graylogtest: %v", err)
	}
	for _, st := range states {
		if st.Input.Title == title && st.Input.Kind == TCP {
			return s.running(st.ID)
		}
	}
	return s.NewInput(title, TCP)
}

// NewInput makes an input at a free port of 127.0.0.1. It is deleted when the
// test ends.
func (s *Server) NewInput(title string, kind Kind) Input {
	s.t.Helper()
	configuration := map[string]any{
		"bind_address": "127.0.0.1", "port": s.freePort(kind), "recv_buffer_size": 1 << 20,
		"decompress_size_limit": 8 << 20, "number_worker_threads": 2,
	}
	if kind == TCP {
		configuration["use_null_delimiter"] = true
		configuration["max_message_size"] = 2 << 20
		configuration["tls_enable"] = false
	}
	var made struct{ ID string }
	s.must(http.MethodPost, "/system/inputs", nil, map[string]any{
		"title": title, "type": kind, "global": true, "configuration": configuration,
	}, &made)
	s.deleteAtEnd("/system/inputs/"+made.ID, nil)
	return s.running(made.ID)
}

// freePort returns a port that nobody listens at. Another program may take it
// before the input does, which then does not run.
func (s *Server) freePort(kind Kind) int {
	s.t.Helper()
	if kind == UDP {
		conn, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			s.t.Fatal(err)
		}
		defer conn.Close()
		return conn.LocalAddr().(*net.UDPAddr).Port
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// running waits until an input takes messages.
func (s *Server) running(id string) Input {
	s.t.Helper()
	var in Input
	err := s.until(func() (bool, error) {
		states, err := s.inputStates()
		for _, st := range states {
			if st.ID != id {
				continue
			}
			if st.State != "RUNNING" {
				return false, fmt.Errorf("the input %q at port %d is %s: %s", st.Input.Title, st.Input.Attributes.Port, st.State, st.Details)
			}
			host := st.Input.Attributes.Bind
			if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
				host = "127.0.0.1"
			}
			in = Input{id, st.Input.Title, st.Input.Kind, net.JoinHostPort(host, strconv.Itoa(st.Input.Attributes.Port))}
			return true, nil
		}
		return false, err
	})
	if err != nil {
		s.t.Fatalf("graylogtest: %v", err)
	}
	return in
}

// Dial connects to the input. The connection is closed when the test ends, if
// it is not before.
func (s *Server) Dial(in Input) net.Conn {
	s.t.Helper()
	conn, err := net.DialTimeout(in.Kind.network(), in.Addr, 5*time.Second)
	if err != nil {
		s.t.Fatalf("graylogtest: %v", err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// Send sends one frame over a connection of its own, which stays open, so that
// the local port it returns is that of no other to this input: Graylog stores it
// with the message as gl2_remote_port, see [Document.RemotePort].
func (s *Server) Send(in Input, frame []byte) (port int) {
	s.t.Helper()
	conn := s.Dial(in)
	if in.Kind == UDP {
		if _, err := conn.Write(frame); err != nil {
			s.t.Fatalf("graylogtest: %v", err)
		}
		return conn.LocalAddr().(*net.UDPAddr).Port
	}
	if _, err := conn.Write(append(frame[:len(frame):len(frame)], 0)); err != nil {
		s.t.Fatalf("graylogtest: %v", err)
	}
	return conn.LocalAddr().(*net.TCPAddr).Port
}
