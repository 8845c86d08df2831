package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// silence is how long a server may take to close the connection after a frame
// that it does not understand.
const silence = time.Second

// tryFrame sends a frame and reports whether the server seems to accept it. The
// frame ends with two line ends before its NUL. They are white space in GELF, and
// make a server of lines answer, for example a web server.
func (d *Doctor) tryFrame(ctx context.Context, conn net.Conn, frame []byte) bool {
	const name = "GELF"
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if d.scheme != "udp" {
		frame = append(bytes.Clone(frame), "\r\n\r\n\x00"...)
	}
	conn.SetWriteDeadline(time.Now().Add(d.opts.Timeout))
	_, err := conn.Write(frame)
	answer := make([]byte, 200)
	n := 0
	if err == nil {
		conn.SetReadDeadline(time.Now().Add(silence))
		n, err = conn.Read(answer)
	}
	switch answer = answer[:n]; {
	case n > 0:
		found, advice := recognize(answer)
		d.fail(name, found, fmt.Sprintf("%s Send the records to an input of the type GELF TCP, %q on port %d.",
			advice, d.opts.Role.Input, d.opts.Role.Port))
		return false
	case errors.Is(err, os.ErrDeadlineExceeded) && d.scheme == "udp":
		d.unconfirmed(name, "UDP has no acknowledgments: a datagram was sent, and no host refused it")
		return true
	case errors.Is(err, os.ErrDeadlineExceeded):
		d.ok(name, "the server accepted a record and keeps the connection open")
		return true
	case d.scheme == "udp":
		d.fail(name, fmt.Sprintf("the host refused a datagram: %v", rootCause(err)), d.dialAdvice(err))
	case strings.Contains(err.Error(), "tls: "):
		d.fail(name, fmt.Sprintf("the server refused the connection: %v", err),
			"If the error is about a certificate, it means the client's: see --cert-file and --key-file.")
	case d.scheme == "tcp" && d.speaksTLS(ctx, conn.RemoteAddr().String()):
		d.fail(name, "the server closed the connection upon a record, but it speaks TLS",
			"Use tls:// instead of tcp://.")
	default:
		found := "the server closed the connection upon a record"
		if !errors.Is(err, io.EOF) {
			found += fmt.Sprintf(": %v", rootCause(err))
		}
		d.fail(name, found, fmt.Sprintf("The port does not belong to a GELF TCP input. It may be an input for Beats "+
			"or HTTP, or a load balancer without a server behind it. Send the records of this role to the input "+
			"%q on port %d.", d.opts.Role.Input, d.opts.Role.Port))
	}
	return false
}

// speaksTLS reports whether the server answers a TLS handshake. It accepts any
// certificate, because it writes nothing.
func (d *Doctor) speaksTLS(ctx context.Context, addr string) bool {
	ctx, cancel := context.WithTimeout(ctx, min(d.opts.Timeout, 2*silence))
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// recognize names the kind of server that sent an answer. A GELF input never
// answers.
func recognize(answer []byte) (found, advice string) {
	switch {
	case bytes.HasPrefix(answer, []byte("HTTP/")), bytes.HasPrefix(answer, []byte("<")):
		line, _, _ := bytes.Cut(answer, []byte("\r\n"))
		return fmt.Sprintf("a web server answers: %q", line), "This is the port of a web page or of an HTTP input."
	case bytes.HasPrefix(answer, []byte{0x15, 3}): // a TLS alert
		return "the server answers in TLS", "Use tls:// instead of tcp://."
	case bytes.HasPrefix(answer, []byte("SSH-")):
		return fmt.Sprintf("an SSH server answers: %q", answer), "This is the port of SSH."
	}
	return fmt.Sprintf("the server answers, which a GELF input never does: %q", answer),
		"The port belongs to another program."
}
