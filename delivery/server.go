package delivery

import "github.com/aimakerspace/synlogger/delivery/internal/conn"

// DefaultPort is the port of a server without one: the port of GELF.
const DefaultPort = 12201

// ParseServer completes the address of a GELF input. It accepts "host", "host:port",
// and both after a scheme: "tcp://" (the default), "tls://" or "udp://". An IPv6
// address may have brackets. The host defaults to 127.0.0.1. ParseServer returns
// "scheme://host:port".
func ParseServer(server string, defaultPort int) (string, error) {
	addr, err := conn.ParseAddress(server, defaultPort)
	if err != nil {
		return "", err
	}
	return addr.String(), nil
}
