package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// A finder looks the probe up behind an API.
type finder interface {
	find(context.Context)
}

// trust returns a TLS configuration that trusts the authorities of a file beside the
// system's, because the API may have a certificate of another authority than the
// input.
func trust(caFile string) (*tls.Config, error) {
	system, err := x509.SystemCertPool()
	if err != nil {
		system = x509.NewCertPool()
	}
	files := delivery.TLS{CAFile: caFile, Config: &tls.Config{RootCAs: system}}
	return files.ClientConfig("") // net/http sets the name
}

// openAPI creates the client of the API, if there is one.
func (d *Doctor) openAPI() (err error) {
	if d.opts.API == nil {
		return nil
	}
	cfg := *d.opts.API
	cfg.TLS, _ = trust(d.opts.TLS.CAFile) // the step configuration reports the error
	d.api, err = graylog.New(cfg)
	return err
}

// detect finds out which server the API belongs to. It returns nil if the probe
// cannot be looked up.
func (d *Doctor) detect(ctx context.Context) finder {
	const name = "API"
	if d.opts.API == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.opts.Timeout)
	defer cancel()
	if found := d.detectCollector(ctx); found != nil {
		return found
	}
	hello, err := d.api.Greeting(ctx)
	if err != nil {
		advice := "Give the address that you open in a browser, without /api."
		if errors.Is(err, graylog.ErrUnavailable) {
			advice = "Is the page of Graylog running, usually on port 9000, and can this machine reach it?"
		}
		d.fail(name, fmt.Sprintf("%s is neither Graylog nor a collector: %v", d.api.URL(), rootCause(err)), advice)
		return nil
	}
	return d.logIn(ctx, hello.Version)
}

// detectCollector returns nil unless the API belongs to a collector.
func (d *Doctor) detectCollector(ctx context.Context) finder {
	const name = "API"
	var health struct{ Status, Error string }
	err := d.api.Anonymous().Get(ctx, "/healthz", nil, &health)
	switch {
	case err == nil && health.Status == "ok":
		d.ok(name, "%s is a collector", d.api.URL())
	case errors.Is(err, graylog.ErrUnavailable) && health.Error != "":
		d.fail(name, fmt.Sprintf("%s is a collector that reports an error: %s", d.api.URL(), health.Error),
			"See what the collector writes to standard error.")
	default:
		return nil
	}
	return &collectorServer{d}
}

const loginAdvice = "Set GRAYLOG_USER and GRAYLOG_PASSWORD, or GRAYLOG_TOKEN."

// logIn tries the credentials. It returns nil if Graylog rejects them.
func (d *Doctor) logIn(ctx context.Context, version string) finder {
	const name = "API"
	found := fmt.Sprintf("%s is Graylog %s", d.api.URL(), version)
	system, err := d.api.System(ctx)
	switch {
	case errors.Is(err, graylog.ErrNoLogin):
		d.fail(name, found+", which requires a login", loginAdvice)
		return nil
	case errors.Is(err, graylog.ErrUnauthorized):
		d.fail(name, found+", which rejects the login", "Check the user and the password, or the token. "+loginAdvice)
		return nil
	case err != nil:
		d.fail(name, fmt.Sprintf("%s, but: %v", found, err), "May this user read the system's state and search?")
		return nil
	case !system.Processing:
		d.note(name, found+", and its message processing is paused",
			"Records wait in its journal. Resume the processing in System, Nodes.")
	default:
		d.ok(name, "%s, and it is %s", found, system.Lifecycle)
	}
	g := &graylogServer{Doctor: d, system: system}
	g.refusedBefore, _ = g.countRefused(ctx) // 0 if the user may not read it
	return g
}
