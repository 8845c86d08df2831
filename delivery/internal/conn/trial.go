package conn

import (
	"bytes"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// A trial decides when a connection counts as accepted by the server. Until then
// nothing written to it counts as having reached the server, although the
// server's kernel has acknowledged it: a server that expects TLS, or refuses the
// client's certificate, closes the connection only after it has read the first
// bytes, and throws them away.
//
// GELF over TCP has no answer. What shows that the server accepts the connection is
// that it stays open for a while after the first bytes arrived, or that more of
// them were acknowledged than a kernel holds for a process that does not read.
type trial struct {
	wait   time.Duration // how long the connection has to stay open
	most   time.Duration // bound of wait, below the time after which a connection counts as dead
	enough int           // bytes
	secure bool          // under TLS
	done   bool
	first  time.Time // when the first bytes were seen to have arrived

	// certificate is not nil if the server has asked for a client's certificate in
	// TLS 1.3, whose handshake ends before the server has checked it. It becomes
	// true with the session ticket, which the server sends after that.
	certificate *atomic.Bool
}

const (
	// maxUnread is how many bytes a kernel may hold for a process that does not
	// read: the receive buffer that Graylog sets by default.
	maxUnread = 1 << 20
	// trialTime is how long a connection has to stay open, plus a time that
	// depends on the distance of the server.
	trialTime    = 100 * time.Millisecond
	maxTrialTime = time.Second
	// certificateTime is that time for a server that has asked for a
	// certificate and sends no ticket.
	certificateTime = 2 * time.Second
)

// newTrial returns a trial for a connection that took so long to be opened.
func newTrial(cfg *Config, dialing time.Duration) *trial {
	most := cfg.DeadAfter / 2
	return &trial{
		wait:   min(trialTime+2*dialing, maxTrialTime, most),
		most:   most,
		enough: max(cfg.QueueBytes/8, maxUnread),
	}
}

// passed reports whether the server has accepted the connection, of which so many
// bytes have arrived. The time is now, or when the connection was closed.
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

// maxTime returns how long the server may take to pass the trial.
func (t *trial) maxTime() time.Duration {
	if t.unverified() {
		return certificateTime
	}
	return t.wait
}

// unverified reports whether the server may still refuse the client's certificate.
func (t *trial) unverified() bool { return t.certificate != nil && !t.certificate.Load() }

// explain returns the error for a connection that was closed: if it did not pass its
// trial, with what may be the reason. The answer is what the server has sent.
func (t *trial) explain(err error, answer []byte) error {
	switch {
	case t.done:
		return err
	case t.unverified() && errors.Is(err, ErrClosed):
		return errors.New("the server has hung up on the client's certificate, or on its absence; see CertFile")
	case t.unverified():
		return fmt.Errorf("the server does not accept the client's certificate, or its absence; see CertFile: %w", err)
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
	return fmt.Errorf("the server closes each connection at once; %s (%w)", hint, err)
}

// describe returns what a server that speaks another protocol has answered.
func describe(answer []byte) string {
	const alert = 0x15 // of TLS, RFC 8446 section 5.1
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
