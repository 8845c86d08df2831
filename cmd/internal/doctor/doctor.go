package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/role"
)

// Config configures a [Doctor].
type Config struct {
	Role   role.Role
	Server string       // as in role.Config; the port defaults to the role's
	Name   string       // of the probe's party, without the role's prefix
	TLS    delivery.TLS // of the connection to the server

	// API selects the REST API of Graylog, or of a collector, where the probe is
	// looked up. A collector needs no login. Authorities of TLS.CAFile are trusted
	// there too. Nil does not look the probe up.
	API *graylog.Config

	// Timeout bounds each step.
	Timeout time.Duration

	// Failures is how far back to look for records that the index has refused. 0
	// does not look.
	Failures time.Duration

	// OnStep is called with each step when it is complete. It may be nil.
	OnStep func(Step)
}

// A Doctor checks the path of a role's records to a server. Each Doctor runs
// once.
type Doctor struct {
	opts               Config
	scheme, host, port string          // of the server
	api                *graylog.Client // nil without Config.API
	looksUp            bool            // whether the probe is looked up at the end
	report             Report
}

// New returns a doctor. The error is about the options.
func New(opts Config) (*Doctor, error) {
	server, err := delivery.ParseServer(opts.Server, opts.Role.Port)
	if err != nil {
		return nil, err
	}
	d := &Doctor{opts: opts, report: Report{
		Server: server,
		Role:   opts.Role.Name,
		Probe:  "probe" + strings.ToLower(rand.Text()),
		Steps:  []Step{},
	}}
	scheme, address, _ := strings.Cut(server, "://")
	d.scheme = scheme
	if d.host, d.port, err = net.SplitHostPort(address); err != nil {
		return nil, err
	}
	if err := d.openAPI(); err != nil {
		return nil, err
	}
	return d, nil
}

// Run takes all steps. The error says that a step failed, or wraps [ErrUnknown]
// if the outcome of a step could not be confirmed.
func (d *Doctor) Run(ctx context.Context) (Report, error) {
	d.examine(ctx)
	if d.api != nil {
		d.api.Close()
	}
	err := d.report.Err()
	if ctx.Err() != nil && (err == nil || errors.Is(err, ErrUnknown)) {
		err = ctx.Err()
	}
	return d.report, err
}

// TryServer takes the steps up to the connection and reports whether the server
// accepts a record. It sends a record that tries the connection, and no probe.
func (d *Doctor) TryServer(ctx context.Context) (report Report, accepted bool) {
	h, frame := d.configure()
	if h == nil {
		return d.report, false
	}
	d.end(h)
	accepted = d.tryServer(ctx, frame)
	return d.report, accepted
}

// examine takes the steps in order, as far as they can be taken.
func (d *Doctor) examine(ctx context.Context) {
	h, frame := d.configure()
	if h == nil {
		return
	}
	defer d.end(h)
	found := d.detect(ctx)
	d.looksUp = found != nil
	delivered := d.tryServer(ctx, frame) && d.sendProbe(ctx, h)
	if delivered && found != nil {
		found.find(ctx)
	}
	if g, ok := found.(*graylogServer); ok {
		if !delivered {
			g.reportInput(ctx)
		}
		g.reportRefused(ctx)
	}
}

// probeLogger returns the name of the probe's logger. It contains the role's prefix, so
// the probe is in the role's stream. It does not begin with it, so the probe is not on
// the dashboard, whose widgets search for loggers that do.
func (d *Doctor) probeLogger() string { return "doctor-" + d.opts.Role.Prefix + d.opts.Name }

// configure returns a handler like that of the role, and a frame to try the connection
// with. The handler is nil if the configuration is invalid.
func (d *Doctor) configure() (*handler.Handler, []byte) {
	const name = "configuration"
	files := d.opts.TLS
	if d.scheme != "tls" && d.api != nil {
		files.CAFile = "" // it is for the API
	}
	cfg := handler.Config{
		Server:         d.report.Server,
		Logger:         d.probeLogger(),
		AddEvent:       true,
		AddLevelName:   true,
		AddLevelNumber: true,
		Delivery:       delivery.Config{TLS: files, OnError: func(error) {}, DialTimeout: d.opts.Timeout},
	}
	h, err := handler.New(cfg)
	if err == nil {
		err = d.checkName()
	}
	if err == nil {
		_, err = d.opts.TLS.ClientConfig(d.host)
	}
	if err != nil {
		if h != nil {
			d.end(h)
		}
		d.fail(name, err.Error(), "Correct the flag, and the field of the same name in your program.")
		return nil, nil
	}
	var line bytes.Buffer
	cfg.Server, cfg.Writer, cfg.Delivery.TLS = "", &line, delivery.TLS{}
	basic, err := handler.New(cfg)
	if err != nil {
		d.end(h)
		d.fail(name, err.Error(), "")
		return nil, nil
	}
	defer d.end(basic)
	slog.New(basic).Info("synlogger doctor tries the connection", "doctor_probe", "connection")
	d.ok(name, "%s to %s, logger %s", d.report.Role, d.report.Server, d.probeLogger())
	return h, bytes.TrimRight(line.Bytes(), "\n")
}

// checkName returns an error if a party of the role may not have the probe's name.
func (d *Doctor) checkName() error {
	h, err := role.New(d.opts.Role, role.Config{Name: d.opts.Name, Variant: role.VariantTest})
	if err == nil {
		err = h.Close()
	}
	return err
}

// tryServer reports whether the server accepts a frame.
func (d *Doctor) tryServer(ctx context.Context, frame []byte) bool {
	conn := d.connect(ctx)
	if conn == nil {
		return false
	}
	defer conn.Close()
	return d.tryFrame(ctx, conn, frame)
}

// sendProbe sends the probe through the handler and reports whether it was sent.
func (d *Doctor) sendProbe(ctx context.Context, h *handler.Handler) bool {
	const name = "probe"
	ctx, cancel := context.WithTimeout(ctx, d.opts.Timeout)
	defer cancel()
	start := time.Now()
	slog.New(h).Info("synlogger doctor sends a probe", "doctor_probe", d.report.Probe)
	err := h.Flush(ctx)
	stats := h.Stats()
	found := "the record with doctor_probe:" + d.report.Probe
	switch {
	case err != nil:
		d.fail(name, fmt.Sprintf("%s was not sent: %v %s", found, err, stats.LastError),
			"See the steps above for how the server behaves, and try again with a longer --timeout.")
		return false
	case stats.Sent == 0:
		d.fail(name, fmt.Sprintf("%s was dropped: %s", found, stats.LastError),
			"See the steps above for how the server behaves.")
		return false
	case d.scheme == "udp":
		d.unconfirmed(name, found+" was sent, not confirmed")
	default:
		d.ok(name, "%s was sent in %v", found, time.Since(start).Round(10*time.Microsecond))
	}
	return true
}

// end closes a handler without waiting for a server that accepts nothing.
func (d *Doctor) end(h *handler.Handler) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = h.Shutdown(ctx) // a step has reported what was not sent
}

// pause waits and reports whether the context is still valid.
func pause(ctx context.Context, length time.Duration) bool {
	select {
	case <-time.After(length):
		return true
	case <-ctx.Done():
		return false
	}
}
