package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// connect returns a connection to the first address that accepts one, with TLS if
// the scheme asks for it. It returns nil if a step failed.
func (d *Doctor) connect(ctx context.Context) net.Conn {
	addrs := d.resolve(ctx)
	if d.scheme == "udp" {
		return d.dialUDP(ctx, addrs)
	}
	conn := d.dialEach(ctx, addrs)
	if conn == nil || d.scheme != "tls" {
		return conn
	}
	if secured := d.secure(ctx, conn); secured != nil {
		return secured
	}
	conn.Close()
	return nil
}

// resolve returns the addresses of the host.
func (d *Doctor) resolve(ctx context.Context) []netip.Addr {
	const name = "name"
	if ip, err := netip.ParseAddr(d.host); err == nil {
		d.ok(name, "%s is an IP address", ip)
		return []netip.Addr{ip}
	}
	ctx, cancel := context.WithTimeout(ctx, d.opts.Timeout)
	defer cancel()
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", d.host)
	var dns *net.DNSError
	switch {
	case err == nil && len(ips) > 0:
		texts := make([]string, len(ips))
		for i := range ips {
			ips[i] = ips[i].Unmap()
			texts[i] = ips[i].String()
		}
		d.ok(name, "%s resolves to %s", d.host, strings.Join(texts, ", "))
	case errors.As(err, &dns) && !dns.IsNotFound:
		d.fail(name, err.Error(), "The name server of this machine does not answer. "+
			"Try an IP address instead of the name, and check /etc/resolv.conf.")
	default:
		d.fail(name, fmt.Sprintf("%s has no address: %v", d.host, err), "Check the spelling of --server. "+
			"Does the name exist outside the network of Graylog? In a container, use the name of the service.")
	}
	return ips
}

// dialEach connects to each address and returns the first connection.
func (d *Doctor) dialEach(ctx context.Context, ips []netip.Addr) (first net.Conn) {
	const name = "connection"
	type attempt struct {
		addr string
		took time.Duration
		err  error
	}
	var attempts []attempt
	for _, ip := range ips {
		addr := net.JoinHostPort(ip.String(), d.port)
		start := time.Now()
		conn, err := (&net.Dialer{Timeout: d.opts.Timeout}).DialContext(ctx, "tcp", addr)
		attempts = append(attempts, attempt{addr, time.Since(start), err})
		if err == nil && first == nil {
			first = conn
		} else if err == nil {
			conn.Close()
		}
	}
	for _, a := range attempts {
		switch {
		case a.err == nil:
			d.ok(name, "%s connected in %v", a.addr, a.took.Round(10*time.Microsecond))
		case first != nil:
			d.note(name, fmt.Sprintf("%s: %v", a.addr, rootCause(a.err)),
				"Records go to another address of the host, which accepts connections.")
		default:
			d.fail(name, fmt.Sprintf("%s: %v", a.addr, rootCause(a.err)), d.dialAdvice(a.err))
		}
	}
	return first
}

// dialAdvice returns what to do about a connection that failed.
func (d *Doctor) dialAdvice(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("The host is up, but no program listens on port %s. Is Graylog running, and is its "+
			"input %q started? In Docker, is the port published?", d.port, d.opts.Role.Input)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "This machine has no route to the address. Are both machines in one network? Is a VPN down?"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "The host does not answer. It may be down, a firewall may drop the packets, " +
			"or the address may be wrong."
	}
	return "Check the address."
}

// dialUDP returns a socket for the first address.
func (d *Doctor) dialUDP(ctx context.Context, ips []netip.Addr) net.Conn {
	if len(ips) == 0 {
		return nil
	}
	addr := net.JoinHostPort(ips[0].String(), d.port)
	conn, err := (&net.Dialer{}).DialContext(ctx, "udp", addr)
	if err != nil {
		d.fail("connection", fmt.Sprintf("%s: %v", addr, rootCause(err)), d.dialAdvice(err))
		return nil
	}
	return conn
}

// rootCause returns the innermost error. The step's text names the operation and
// the address already.
func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
