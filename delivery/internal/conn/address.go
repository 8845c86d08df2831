package conn

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// An Address is a parsed server.
type Address struct{ Network, host, port string }

func (a Address) String() string { return a.Network + "://" + a.hostPort() }

func (a Address) hostPort() string { return net.JoinHostPort(a.host, a.port) }

// ParseAddress parses a server; see delivery.ParseServer.
func ParseAddress(addr string, defaultPort int) (Address, error) {
	bad := func(why string) (Address, error) {
		return Address{}, fmt.Errorf("delivery: server %q: %s; it should look like tcp://graylog.example:%d",
			redact(addr), why, defaultPort)
	}
	a := Address{"tcp", addr, strconv.Itoa(defaultPort)}
	if scheme, rest, ok := strings.Cut(addr, "://"); ok {
		a.Network, a.host = strings.ToLower(scheme), strings.TrimSuffix(rest, "/")
	}
	switch a.Network {
	case "tcp", "tls", "udp":
	default:
		return bad(fmt.Sprintf("unknown scheme %q", a.Network))
	}
	if strings.Contains(a.host, "@") {
		return bad("remove the user and the password: GELF has neither")
	}
	if host, port, err := net.SplitHostPort(a.host); err == nil {
		a.host = host
		if port != "" {
			a.port = port
		}
	} else if strings.HasPrefix(a.host, "[") && strings.HasSuffix(a.host, "]") {
		a.host = a.host[1 : len(a.host)-1]
	} else if _, err := netip.ParseAddr(a.host); strings.Contains(a.host, ":") && err != nil {
		return bad("too many colons")
	}
	if a.host == "" {
		a.host = "127.0.0.1"
	}
	if n, err := strconv.Atoi(a.port); err != nil || n < 1 || n > 65535 {
		return bad(fmt.Sprintf("%q is not a port from 1 to 65535", a.port))
	}
	if _, err := netip.ParseAddr(a.host); err == nil { // an IPv6 zone is not valid in a URL
		return a, nil
	}
	if _, err := url.Parse("tcp://" + a.hostPort()); err != nil || strings.ContainsAny(a.host, "/?#@ \t") {
		return bad("invalid host name")
	}
	return a, nil
}

// redact returns an address with "***" instead of user and password.
func redact(addr string) string {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return addr
	}
	scheme, _, ok := strings.Cut(addr[:at], "://")
	if ok {
		scheme += "://"
	} else {
		scheme = ""
	}
	return scheme + "***" + addr[at:]
}
