package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// A finder looks the probe up behind an API.
type finder interface {
	find(context.Context)
}

// detect finds out which server an API belongs to. It returns nil if the probe
// cannot be looked up.
func (d *Doctor) detect(ctx context.Context) finder {
	const name = "API"
	if d.api == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.opts.Timeout)
	defer cancel()
	if err := d.api.useTLS(d.opts.TLS.CAFile); err != nil {
		d.fail(name, err.Error(), "Correct the flag.")
		return nil
	}

	var health struct{ Status, Error string }
	err := d.api.get(ctx, "/healthz", nil, false, &health)
	var status *statusError
	switch {
	case err == nil && health.Status == "ok":
		d.ok(name, "%s is a collector", d.api.base)
		return &collectorServer{d}
	case health.Error != "" && errors.As(err, &status) && status.status == http.StatusServiceUnavailable:
		d.fail(name, fmt.Sprintf("%s is a collector that reports an error: %s", d.api.base, health.Error),
			"See what the collector writes to standard error.")
		return &collectorServer{d}
	}
	var hello struct {
		ClusterID string `json:"cluster_id"`
		Version   string `json:"version"`
	}
	if err := d.api.get(ctx, "/api/", nil, false, &hello); err != nil {
		advice := "Give the address that you open in a browser, without /api."
		if errors.As(err, new(*url.Error)) {
			advice = "Is the page of Graylog running, usually on port 9000, and can this machine reach it?"
		}
		d.fail(name, fmt.Sprintf("%s is neither Graylog nor a collector: %v", d.api.base, rootCause(err)), advice)
		return nil
	}
	if hello.ClusterID == "" {
		d.fail(name, d.api.base+" is neither Graylog nor a collector", "Give the address that you open in a browser.")
		return nil
	}
	return d.logIn(ctx, hello.Version)
}

const loginAdvice = "Set GRAYLOG_USER and GRAYLOG_PASSWORD, or GRAYLOG_TOKEN."

// logIn tries the credentials. It returns nil if Graylog rejects them.
func (d *Doctor) logIn(ctx context.Context, version string) finder {
	const name = "API"
	found := fmt.Sprintf("%s is Graylog %s", d.api.base, version)
	if d.api.password == "" {
		d.fail(name, found+", which requires a login", loginAdvice)
		return nil
	}
	g := &graylogServer{Doctor: d}
	var status *statusError
	err := d.api.get(ctx, "/api/system", nil, true, &g.system)
	switch {
	case err == nil && !g.system.Processing:
		d.note(name, found+", and its message processing is paused",
			"Records wait in its journal. Resume the processing in System, Nodes.")
	case err == nil:
		d.ok(name, "%s, and it is %s", found, g.system.Lifecycle)
	case errors.As(err, &status) && status.status == http.StatusUnauthorized:
		d.fail(name, found+", which rejects the login", "Check the user and the password, or the token. "+loginAdvice)
		return nil
	default:
		d.fail(name, fmt.Sprintf("%s, but: %v", found, err), "May this user read the system's state and search?")
		return nil
	}
	g.refusedBefore, _ = g.countRefused(ctx) // 0 if the user may not read it
	return g
}
