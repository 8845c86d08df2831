package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/role"
)

// newProbe returns a word that no other record has.
func newProbe() string { return "probe" + strings.ToLower(rand.Text()) }

// configure makes the role's handler, and a frame to try the connection with.
// The handler is nil if the configuration is wrong.
func (d *doctor) configure() (*role.Handler, []byte) {
	const name = "configuration"
	cfg := role.Config{
		Server: d.server, Name: d.name,
		Delivery: handler.Delivery{TLS: d.tls, OnError: func(error) {}, DialTimeout: d.timeout},
	}
	h, err := role.New(d.role, cfg)
	if err == nil {
		_, err = d.tlsConfig()
	}
	if err != nil {
		if h != nil {
			d.end(h)
		}
		d.fail(name, err.Error(), "Correct the flag, and the field of the same name in your program.")
		return nil, nil
	}
	var line bytes.Buffer
	cfg.Variant, cfg.Writer, cfg.TLS = role.Basic, &line, handler.TLS{}
	basic, err := role.New(d.role, cfg)
	if err != nil {
		d.end(h)
		d.fail(name, err.Error(), "")
		return nil, nil
	}
	defer d.end(basic)
	slog.New(basic).Info("synlogger doctor tries the connection", "doctor_probe", "connection")
	d.ok(name, "%s to %s, logger %s%s", d.role.Name, d.server, d.role.Prefix, d.name)
	return h, bytes.TrimRight(line.Bytes(), "\n")
}

// connect returns a connection to the first address that takes one, secured if
// need be, or nil.
func (d *doctor) connect(ctx context.Context) net.Conn {
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
func (d *doctor) resolve(ctx context.Context) []netip.Addr {
	const name = "name"
	if ip, err := netip.ParseAddr(d.host); err == nil {
		d.ok(name, "%s is an address", ip)
		return []netip.Addr{ip}
	}
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
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
		d.ok(name, "%s is %s", d.host, strings.Join(texts, ", "))
	case errors.As(err, &dns) && !dns.IsNotFound:
		d.fail(name, err.Error(), "The name server of this machine does not answer. Try the address instead of the name, and look at /etc/resolv.conf.")
	default:
		d.fail(name, fmt.Sprintf("%s has no address: %v", d.host, err),
			"Is the name in --server written right, and does it exist outside of the network where Graylog runs? In a container, use the service's name.")
	}
	return ips
}

// dialEach connects to each address and returns the first connection.
func (d *doctor) dialEach(ctx context.Context, ips []netip.Addr) (first net.Conn) {
	type attempt struct {
		addr string
		took time.Duration
		err  error
	}
	var attempts []attempt
	for _, ip := range ips {
		addr := net.JoinHostPort(ip.String(), d.port)
		start := time.Now()
		conn, err := (&net.Dialer{Timeout: d.timeout}).DialContext(ctx, "tcp", addr)
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
			d.ok("connection", "%s took %v", a.addr, a.took.Round(10*time.Microsecond))
		case first != nil:
			d.note("connection", fmt.Sprintf("%s: %v", a.addr, rootCause(a.err)), "Another address of the host takes connections, and records go there.")
		default:
			d.fail("connection", fmt.Sprintf("%s: %v", a.addr, rootCause(a.err)), d.dialAdvice(a.err))
		}
	}
	return first
}

func (d *doctor) dialAdvice(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("The host is there, but nobody listens at port %s. Is Graylog running, and its input %q started? In Docker, is the port published?", d.port, d.role.Input)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "There is no route to this address. Are both machines in the same network, or is a VPN down?"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "Nobody answers. A firewall may drop the packets, or the host is off, or the address is another's."
	}
	return "Is the address right?"
}

// dialUDP returns a socket for the first address, which tells little.
func (d *doctor) dialUDP(ctx context.Context, ips []netip.Addr) net.Conn {
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

// quiet is how long a server may take to hang up on a frame that it does not
// understand.
const quiet = time.Second

// tryFrame sends a frame and reports whether the server accepts it, as far as
// can be known. The frame has
// two line ends before its NUL: white space for GELF, but what a server of
// lines, such as one of HTTP, waits for to answer.
func (d *doctor) tryFrame(ctx context.Context, conn net.Conn, frame []byte) bool {
	const name = "GELF"
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if d.scheme != "udp" {
		frame = append(bytes.Clone(frame), "\r\n\r\n\x00"...)
	}
	conn.SetWriteDeadline(time.Now().Add(d.timeout))
	_, err := conn.Write(frame)
	answer := make([]byte, 200)
	n := 0
	if err == nil {
		conn.SetReadDeadline(time.Now().Add(quiet))
		n, err = conn.Read(answer)
	}
	switch answer = answer[:n]; {
	case n > 0:
		found, advice := recognize(answer)
		d.fail(name, found, fmt.Sprintf("%s Records belong to an input of the kind GELF TCP, %q at port %d.", advice, d.role.Input, d.role.Port))
	case errors.Is(err, os.ErrDeadlineExceeded) && d.scheme == "udp":
		d.unconfirmed(name, "nobody answers UDP: a datagram was sent, not confirmed, and no host refused it")
	case errors.Is(err, os.ErrDeadlineExceeded):
		d.ok(name, "the server took a record and keeps the connection open")
	case d.scheme == "udp":
		d.fail(name, fmt.Sprintf("nobody takes datagrams: %v", rootCause(err)), d.dialAdvice(err))
	case strings.Contains(err.Error(), "tls: "):
		d.fail(name, fmt.Sprintf("the server refused: %v", err), "If this is about a certificate, it is the client's: see --cert-file and --key-file.")
	case d.scheme == "tcp" && d.speaksTLS(ctx, conn.RemoteAddr().String()):
		d.fail(name, "the server hung up on a record, but it speaks TLS", "Use tls:// instead of tcp://.")
	default:
		found := "the server hung up on a record"
		if !errors.Is(err, io.EOF) {
			found += fmt.Sprintf(": %v", rootCause(err))
		}
		d.fail(name, found, fmt.Sprintf("What listens there is no GELF TCP input: perhaps one of Beats or HTTP, or a load balancer with nobody behind it. Records of this role go to the input %q at port %d.", d.role.Input, d.role.Port))
	}
	return n == 0 && errors.Is(err, os.ErrDeadlineExceeded)
}

// speaksTLS reports whether the server does, whatever its certificate is.
func (d *doctor) speaksTLS(ctx context.Context, addr string) bool {
	ctx, cancel := context.WithTimeout(ctx, min(d.timeout, 2*quiet))
	defer cancel()
	asks := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} // nothing is written
	conn, err := asks.DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// recognize says who answers so. A GELF input never answers.
func recognize(answer []byte) (found, advice string) {
	switch {
	case bytes.HasPrefix(answer, []byte("HTTP/")), bytes.HasPrefix(answer, []byte("<")):
		line, _, _ := bytes.Cut(answer, []byte("\r\n"))
		return fmt.Sprintf("a web server answers: %q", line), "This is the port of a page or of an HTTP input."
	case bytes.HasPrefix(answer, []byte{0x15, 3}): // a TLS alert
		return "the server answers in TLS", "Use tls:// instead of tcp://."
	case bytes.HasPrefix(answer, []byte("SSH-")):
		return fmt.Sprintf("an SSH server answers: %q", answer), "This is the port of SSH."
	}
	return fmt.Sprintf("the server answers, which a GELF input never does: %q", answer), "Another program listens there."
}

// sendProbe sends the probe as a program would and reports whether it was
// sent.
func (d *doctor) sendProbe(ctx context.Context, h *role.Handler) bool {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	start := time.Now()
	slog.New(h).Info("synlogger doctor sends a probe", "doctor_probe", d.probe)
	err := h.Flush(ctx)
	stats := h.Stats()
	if err == nil && stats.Sent == 0 {
		err = errors.New("it was dropped")
	}
	if err != nil {
		d.fail("probe", fmt.Sprintf("the record %s was not sent: %v %s", d.probe, err, stats.LastError), "The steps before say what the server does; try again with a longer --timeout.")
		return false
	}
	if d.scheme == "udp" {
		d.unconfirmed("probe", fmt.Sprintf("the record with doctor_probe:%s was sent, not confirmed", d.probe))
		return true
	}
	d.ok("probe", "the record with doctor_probe:%s was sent in %v", d.probe, time.Since(start).Round(10*time.Microsecond))
	return true
}
