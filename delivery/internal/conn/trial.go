package conn

import (
	"bytes"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// A trial decides when a connection counts as accepted by the server. Until then, no byte
// counts as having reached the server, even if the server's kernel has acknowledged it: a
// server that expects TLS, or rejects the client's certificate, reads and discards the
// first bytes before it closes the connection.
//
// GELF over TCP has no responses. A connection counts as accepted if it stays open for a
// while after the first bytes arrived, or if the server's kernel acknowledges more bytes
// than it buffers for a process that does not read.
type trial struct {
	wait   time.Duration // how long the connection must stay open
	most   time.Duration // maximum of wait, less than DeadAfter
	enough int           // acknowledged bytes that end the trial
	secure bool          // with TLS
	done   bool
	first  time.Time // when the first bytes had arrived

	// certificate is not nil if the server requested a client certificate in TLS
	// 1.3, where the handshake ends before the server has checked it. It becomes
	// true with the session ticket, which the server sends after the check.
	certificate *atomic.Bool
}

const (
	// maxUnread is how many bytes a kernel may buffer for a process that does not
	// read: the receive buffer that Graylog configures by default.
	maxUnread = 1 << 20
	// trialTime is how long a connection must stay open. A time that depends on the
	// distance of the server is added to it.
	trialTime    = 100 * time.Millisecond
	maxTrialTime = time.Second
	// certificateTime is this time for a server that requested a certificate and
	// does not send a ticket.
	certificateTime = 2 * time.Second
)

// newTrial returns a trial for a connection. Dialing is how long it took to connect.
func newTrial(cfg *Config, dialing time.Duration) *trial {
	most := cfg.DeadAfter / 2
	return &trial{
		wait:   min(trialTime+2*dialing, maxTrialTime, most),
		most:   most,
		enough: max(cfg.QueueBytes/8, maxUnread),
	}
}

// passed reports whether the server has accepted the connection. Arrived is the number of
// bytes that have reached it, and now is the current time, or when the connection was
// closed.
func (t *trial) passed(arrived int, now time.Time) bool {
	if t.done || arrived == 0 {
		return t.done
	}
	if t.first.IsZero() {
		t.first = now
	}
	if t.unverified() {
		t.done = now.Sub(t.first) >= min(certificateTime, t.most)
	} else {
		t.done = now.Sub(t.first) >= t.wait || arrived >= t.enough
	}
	return t.done
}

// maxTime returns how long the trial may take.
func (t *trial) maxTime() time.Duration {
	if t.unverified() {
		return certificateTime
	}
	return t.wait
}

// unverified reports whether the server may still reject the client's certificate.
func (t *trial) unverified() bool { return t.certificate != nil && !t.certificate.Load() }

// explain returns the error for a closed connection. If the connection did not pass its
// trial, the error contains a likely reason. Answer is what the server sent.
func (t *trial) explain(err error, answer []byte) error {
	switch {
	case t.done:
		return err
	case t.unverified() && errors.Is(err, ErrClosed):
		return fmt.Errorf("%w: the server closed the connection because of the client's certificate, "+
			"or because there is none; see CertFile", ErrTLS)
	case t.unverified():
		return fmt.Errorf("%w: the server does not accept the client's certificate, or requires one; "+
			"see CertFile: %w", ErrTLS, err)
	case t.first.IsZero():
		return err
	}
	hint := "does the input speak TLS? Then use tls://"
	if t.secure {
		hint = "is it a GELF input?"
	}
	if said := describe(answer); said != "" {
		hint = said + "; " + hint
	}
	return fmt.Errorf("%w; %s (%w)", ErrNotAccepted, hint, err)
}

// describe describes the answer of a server that speaks another protocol.
func describe(answer []byte) string {
	const alert = 0x15 // RFC 8446, section 5.1
	switch {
	case len(answer) == 0:
		return ""
	case answer[0] == alert:
		return "it answered with a TLS alert"
	case bytes.HasPrefix(answer, []byte("HTTP/")):
		return "it answered with HTTP"
	default:
		return fmt.Sprintf("it answered %.16q, which is not GELF", answer)
	}
}
