package web

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
)

// guardHost rejects requests for host names other than this machine's, unless a token
// protects the records. Otherwise a web page whose name resolves to this machine (DNS
// rebinding) could read the records, because the browser considers its requests
// same-origin.
func (p *Port) guardHost(next http.Handler) http.Handler {
	if p.token != "" {
		return next
	}
	loopback := p.listener.Addr().(*net.TCPAddr).IP.IsLoopback()
	configured, _, _ := net.SplitHostPort(p.addr)
	hostname, _ := os.Hostname()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
		ip := net.ParseIP(host)
		switch {
		case strings.EqualFold(host, "localhost"), strings.EqualFold(host, configured), ip != nil && ip.IsLoopback():
		case loopback:
			rest.WriteError(w, http.StatusForbidden,
				fmt.Errorf("host %q: this port only accepts requests for localhost", r.Host))
			return
		// Names without a dot do not exist on the web, and addresses cannot be
		// rebound.
		case ip != nil, !strings.Contains(host, "."), strings.EqualFold(host, hostname):
		default:
			rest.WriteError(
				w,
				http.StatusForbidden,
				fmt.Errorf(
					"host %q: without a token this port only accepts requests for its address and for %q",
					r.Host,
					hostname,
				),
			)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// errSite is the answer to a request that guardSite rejects.
var errSite = errors.New("this request comes from a page of another site: " +
	"open the address directly, or use a program, which sends neither Sec-Fetch-Site nor Origin")

// guardSite rejects requests to the REST API that a browser sends for a page of
// another origin. Such a page cannot read the answer, but could infer from the
// response time whether records match. Links to the pages are allowed.
func guardSite(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") && !sameOrigin(r) {
			rest.WriteError(w, http.StatusForbidden, errSite)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameOrigin reports whether a request comes from the collector's pages, from the
// address bar of a browser, or from a program. Browsers send Sec-Fetch-Site. Over
// plain HTTP to a host other than localhost they do not, but they may send Origin.
func sameOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
		origin := r.Header.Get("Origin")
		if origin == "" {
			return true
		}
		from, err := url.Parse(origin)
		return err == nil && from.Host == r.Host
	}
	return false
}
