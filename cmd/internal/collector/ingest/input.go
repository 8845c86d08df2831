package ingest

import (
	"fmt"
	"net"
	"strconv"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
)

// An Input is one GELF input: an address that takes frames over TCP and over
// UDP.
type Input struct {
	Title string `json:"title"` // as Graylog shows it, and gl2_source_input of its records
	Addr  string `json:"addr"`  // host:port; port 0 means a free one
}

// RoleInputs returns the inputs of the content pack on a host: one for each
// role at its port, and Test Logs at 12201, GELF's own port. "" as host means
// every address of this machine.
func RoleInputs(host string) []Input {
	var inputs []Input
	for _, in := range record.Pack().Inputs {
		inputs = append(inputs, Input{in.Title, net.JoinHostPort(host, strconv.Itoa(in.Port))})
	}
	return inputs
}

// A ListenError says that an address could not be bound, and what for.
type ListenError struct {
	Title   string // the title of the input, or "page"
	Network string // "tcp" or "udp"
	Addr    string // as it was asked for
	Err     error  // the cause, such as syscall.EADDRINUSE
}

func (e *ListenError) Error() string {
	return fmt.Sprintf("collector: %s cannot listen on %s %s: %v", e.Title, e.Network, e.Addr, cause(e.Err))
}

// Unwrap returns the cause.
func (e *ListenError) Unwrap() error { return e.Err }

// cause takes the operation and the address off a network error, which the
// error that it stands in names already.
func cause(err error) error {
	if op, ok := err.(*net.OpError); ok {
		return op.Err
	}
	return err
}
