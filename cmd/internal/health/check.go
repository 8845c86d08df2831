package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// EnvAddress is the environment variable of the address where an agent answers health
// checks, and where Check asks.
const EnvAddress = "SYNLOGGER_HEALTH"

// maxAnswer is more than any answer needs, in bytes.
const maxAnswer = 64 << 10

// Check asks the agent or the collector at an address whether it works. It returns an
// error if the process does not work, or does not answer.
func Check(ctx context.Context, addr string) (Report, error) {
	var report Report
	url := "http://" + reachable(addr) + Path
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return report, err
	}
	// The process is on this machine: proxies of the environment do not apply.
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return report, noAnswer(url, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return report, noAnswer(url, err)
	}
	// An answer that is not a report leaves the report empty.
	_ = json.Unmarshal(body, &report)
	switch {
	case resp.StatusCode == http.StatusOK && report.Status == statusOK:
		return report, nil
	case resp.StatusCode == http.StatusServiceUnavailable && report.Error != "":
		return report, fmt.Errorf("the process at %s does not work: %s\n%s", url, report.Error,
			"See what it writes to standard error.")
	}
	return report, fmt.Errorf("%s answers %s, and is neither an agent nor a collector\n%s", url, resp.Status, advice)
}

const advice = "Give the address where the process answers with --health or " + EnvAddress +
	": the --health of synlogger sysmetric, or the --page of synlogger collect."

// noAnswer describes why a request got no answer, and what to do.
func noAnswer(url string, err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s does not answer in time: %w", url, context.DeadlineExceeded)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("nothing listens at %s: %w\nIs the process running? %s", url, syscall.ECONNREFUSED, advice)
	}
	return fmt.Errorf("%w\n%s", err, advice)
}

// reachable returns the address to connect to for an address to listen at: 0.0.0.0 and
// :: mean this machine.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if strings.Contains(addr, "[::]") {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, port)
}
