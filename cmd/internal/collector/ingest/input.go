package ingest

import (
	"fmt"
	"net"
	"strconv"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
)

// An Input is a GELF input: an address that receives frames over TCP and UDP.
type Input struct {
	Title string `json:"title"` // its title in Graylog; gl2_source_input of its records
	Addr  string `json:"addr"`  // host:port; port 0 means a free port
}

// RoleInputs returns the inputs of the content pack on a host: one for each role at
// its port, and Test Logs at 12201, the default port of GELF. The host "" means all
// addresses of this machine.
func RoleInputs(host string) []Input {
	var inputs []Input
	for _, in := range record.Pack().Inputs {
		inputs = append(inputs, Input{in.Title, net.JoinHostPort(host, strconv.Itoa(in.Port))})
	}
	return inputs
}

// A ListenError is the error of an address that cannot be bound.
type ListenError struct {
	Title   string // the title of the input, or "page"
	Network string // "tcp" or "udp"
	Addr    string // as configured
	Err     error  // the cause, such as syscall.EADDRINUSE
}

// Error names the input, the network, the address and the cause.
func (e *ListenError) Error() string {
	return fmt.Sprintf("collector: %s cannot listen on %s %s: %v", e.Title, e.Network, e.Addr, cause(e.Err))
}

// Unwrap returns the cause.
func (e *ListenError) Unwrap() error { return e.Err }

// cause strips the operation and address from a network error, because the enclosing
// error has both.
func cause(err error) error {
	if op, ok := err.(*net.OpError); ok {
		return op.Err
	}
	return err
}
