package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An apiClient asks the REST API of Graylog or of a collector.
type apiClient struct {
	base           string
	user, password string // sent when it is known that Graylog is there
	client         http.Client
	skew           time.Duration // how far the server's clock is ahead, by its last answer
}

// A statusError is an answer other than 200.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", e.status, http.StatusText(e.status), e.text))
}

// get asks for a path and decodes the JSON of the answer, also of one that is a
// statusError.
func (a *apiClient) get(ctx context.Context, path string, query url.Values, auth bool, into any) error {
	target := a.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if auth {
		req.SetBasicAuth(a.user, a.password)
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		a.skew = time.Until(at)
	}
	const most = 16 << 20
	body, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return err
	}
	decodeErr := json.Unmarshal(body, into)
	if resp.StatusCode != http.StatusOK {
		var answer struct{ Message, Error string }
		_ = json.Unmarshal(body, &answer) // no text is none
		return &statusError{resp.StatusCode, answer.Message + answer.Error}
	}
	if decodeErr != nil {
		return fmt.Errorf("the answer is not the expected JSON: %w", decodeErr)
	}
	return nil
}

// A finder looks for the probe behind an API.
type finder interface {
	find(context.Context)
}

// detect finds out whose API it is. It returns nil if there is none to ask.
func (d *doctor) detect(ctx context.Context) finder {
	const name = "API"
	if d.api == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	if d.tls.CAFile != "" { // beside the system's: the API may have another authority than the input
		roots, err := x509.SystemCertPool()
		if err != nil {
			roots = x509.NewCertPool()
		}
		if pem, err := os.ReadFile(d.tls.CAFile); err == nil {
			roots.AppendCertsFromPEM(pem)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	d.api.client.Transport = transport

	var health struct{ Status, Error string }
	err := d.api.get(ctx, "/healthz", nil, false, &health)
	var status *statusError
	switch {
	case err == nil && health.Status == "ok":
		d.ok(name, "%s is a collector", d.api.base)
		return &collectorAPI{d}
	case health.Error != "" && errors.As(err, &status) && status.status == http.StatusServiceUnavailable:
		d.fail(name, fmt.Sprintf("%s is a collector that is not well: %s", d.api.base, health.Error), "Look at what it writes to standard error.")
		return &collectorAPI{d}
	}
	var hello struct {
		ClusterID string `json:"cluster_id"`
		Version   string `json:"version"`
	}
	if err := d.api.get(ctx, "/api/", nil, false, &hello); err != nil {
		advice := "Is this the address that you open in a browser? Without /api, and with a path only if a proxy adds one."
		if errors.As(err, new(*url.Error)) {
			advice = "Nobody answers there. Is the page of Graylog (usually port 9000) running, and reachable from here?"
		}
		d.fail(name, fmt.Sprintf("%s is neither Graylog nor a collector: %v", d.api.base, rootCause(err)), advice)
		return nil
	}
	if hello.ClusterID == "" {
		d.fail(name, d.api.base+" is neither Graylog nor a collector", "Is this the address that you open in a browser?")
		return nil
	}
	return d.logIn(ctx, hello.Version)
}

// logIn tries the credentials at Graylog.
func (d *doctor) logIn(ctx context.Context, version string) finder {
	const name = "API"
	found := fmt.Sprintf("%s is Graylog %s", d.api.base, version)
	if d.api.user == "" {
		d.fail(name, found+", which wants a user", fmt.Sprintf("Set %s and %s in the environment.", envUser, envPassword))
		return nil
	}
	g := &graylogAPI{doctor: d}
	var status *statusError
	err := d.api.get(ctx, "/api/system", nil, true, &g.system)
	switch {
	case err == nil && !g.system.Processing:
		d.note(name, found+", and its message processing is paused", "Records wait in its journal. Resume it at System, Nodes.")
	case err == nil:
		d.ok(name, "%s, and it is %s", found, g.system.Lifecycle)
	case errors.As(err, &status) && status.status == http.StatusUnauthorized:
		d.fail(name, fmt.Sprintf("%s, which does not let the user %s in", found, d.api.user),
			fmt.Sprintf("Correct %s or %s. For an access token, it is the user and the password is: token.", envUser, envPassword))
		return nil
	default:
		d.fail(name, fmt.Sprintf("%s, but: %v", found, err), "May this user read the system's state and search?")
		return nil
	}
	g.refused, _ = g.countFailures(ctx) // 0 if the user may not know
	return g
}

// A graylogAPI looks for the probe in Graylog.
type graylogAPI struct {
	*doctor
	system struct {
		Processing bool `json:"is_processing"`
		Lifecycle  string
	}
	refused int // by the index, before the probe
}

// A graylogStream is one of /api/streams.
type graylogStream struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Disabled bool   `json:"disabled"`
	Rules    []struct {
		Field    string `json:"field"`
		Value    string `json:"value"`
		Type     int    `json:"type"`
		Inverted bool   `json:"inverted"`
	} `json:"rules"`
}

const pollAPI = 300 * time.Millisecond

// find waits until the probe is stored, and says in which streams it is.
func (g *graylogAPI) find(ctx context.Context) {
	const name = "search"
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	start := time.Now()
	for {
		streams, ok, err := g.search(ctx, 300)
		switch {
		case ok:
			g.ok(name, "Graylog has stored the probe, %v after it was sent", time.Since(start).Round(100*time.Millisecond))
			g.inStreams(whole, streams)
			return
		case ctx.Err() != nil: // before the error that it gives
		case err != nil:
			g.fail(name, fmt.Sprintf("the search failed: %v", err), fmt.Sprintf("May the user %s search, and is the indexer (OpenSearch) up?", g.api.user))
			return
		}
		select {
		case <-time.After(pollAPI):
			continue
		case <-ctx.Done():
		}
		break
	}
	found, advice := g.whyNot(whole)
	g.fail(name, fmt.Sprintf("Graylog has not stored the probe within %v%s", g.timeout, found), advice)
}

// search returns the ids of the streams that the probe is in. A range of 0
// seconds is all time until now.
func (g *graylogAPI) search(ctx context.Context, seconds int) (streams []string, ok bool, err error) {
	var answer struct {
		Messages []struct {
			Message struct {
				Probe   string   `json:"doctor_probe"`
				Streams []string `json:"streams"`
			} `json:"message"`
		} `json:"messages"`
	}
	err = g.api.get(ctx, "/api/search/universal/relative", url.Values{
		"query": {"doctor_probe:" + g.probe}, "range": {strconv.Itoa(seconds)}, "limit": {"1"},
	}, true, &answer)
	for _, m := range answer.Messages {
		if m.Message.Probe == g.probe {
			return m.Message.Streams, true, nil
		}
	}
	return nil, false, err
}

// inStreams tells of the streams that the probe is in, and if the role's is not
// among them, why.
func (g *graylogAPI) inStreams(ctx context.Context, ids []string) {
	const name = "stream"
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	var answer struct {
		Streams []graylogStream `json:"streams"`
	}
	if err := g.api.get(ctx, "/api/streams", nil, true, &answer); err != nil {
		g.fail(name, fmt.Sprintf("the streams cannot be listed: %v", err), fmt.Sprintf("May the user %s read streams?", g.api.user))
		return
	}
	var in []string
	var own []graylogStream
	isIn := false
	for _, s := range answer.Streams {
		if slices.Contains(ids, s.ID) {
			in = append(in, s.Title)
			isIn = isIn || s.Title == g.role.Stream
		}
		if s.Title == g.role.Stream {
			own = append(own, s)
		}
	}
	found := "it is in " + strings.Join(in, " and ")
	if len(in) == 0 {
		found = "it is in no stream"
	}
	if isIn {
		g.ok(name, "%s", found)
		return
	}
	found += ", not in " + g.role.Stream
	rule := fmt.Sprintf("one rule, the field logger contains %s", g.role.Prefix)
	switch {
	case len(own) == 0:
		g.fail(name, found+", which Graylog does not have", fmt.Sprintf("Make a stream of this title with %s, and start it.", rule))
	case own[0].Disabled:
		g.fail(name, found+", which is paused", "Start it, at Streams. What came before will not get into it.")
	case len(own[0].Rules) == 0:
		g.fail(name, found+", which has no rule", fmt.Sprintf("Give it %s.", rule))
	default:
		var rules []string
		for _, r := range own[0].Rules {
			rules = append(rules, fmt.Sprintf("%s %s %q", r.Field, ruleType(r.Type, r.Inverted), r.Value))
		}
		g.fail(name, fmt.Sprintf("%s, whose rules are: %s", found, strings.Join(rules, "; ")),
			fmt.Sprintf("It should have %s. A change takes Graylog some seconds; is one of the rules too many?", rule))
	}
}

// ruleType names a rule's type (graylog2-server: StreamRuleType).
func ruleType(n int, inverted bool) string {
	names := []string{1: "is", 2: "matches", 3: "is greater than", 4: "is smaller than", 5: "is present", 6: "contains", 7: "matches always", 8: "comes from the input"}
	text := fmt.Sprintf("has rule %d with", n)
	if n > 0 && n < len(names) {
		text = names[n]
	}
	if inverted {
		text = "not: " + text
	}
	return text
}

// whyNot looks for the reason why Graylog has not stored the probe.
func (g *graylogAPI) whyNot(ctx context.Context) (found, advice string) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	if !g.system.Processing {
		return ": its message processing is paused", "Resume it at System, Nodes. The records wait in the journal."
	}
	if n, last := g.countFailures(ctx); n > g.refused {
		return fmt.Sprintf(": the indexer refused %d records meanwhile, the last because of: %s", n-g.refused, last),
			"Look at System, Overview, Indexer failures: a field may have another type in the index than the records."
	}
	if found, advice := g.input(ctx); found != "" {
		return ": " + found, advice
	}
	if _, ok, _ := g.search(ctx, 0); ok || g.api.skew.Abs() > time.Minute {
		return fmt.Sprintf(" under the present time: its clock is %v away from this machine's", g.api.skew.Round(time.Second)), "Set both clocks, by NTP."
	}
	return "", "Does --server lead to the Graylog of --api, and not to another one or to a proxy? Its journal may be behind: see System, Nodes; a longer --timeout waits for it."
}

// tellInput says what is wrong with the input that no probe came to.
func (g *graylogAPI) tellInput(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	if found, advice := g.input(ctx); found != "" {
		g.fail("input", found, advice)
	}
}

// input says what is wrong with the input at the server's port, "" if nothing
// is, or if the user may not know.
func (g *graylogAPI) input(ctx context.Context) (found, advice string) {
	var answer struct {
		States []struct {
			State string `json:"state"`
			Input struct {
				Title      string `json:"title"`
				Type       string `json:"type"`
				Attributes struct {
					Port int `json:"port"`
				} `json:"attributes"`
			} `json:"message_input"`
		} `json:"states"`
	}
	if err := g.api.get(ctx, "/api/system/inputstates", nil, true, &answer); err != nil {
		return "", ""
	}
	kind := "GELFTCPInput"
	if g.scheme == "udp" {
		kind = "GELFUDPInput"
	}
	for _, s := range answer.States {
		in := s.Input
		if strconv.Itoa(in.Attributes.Port) != g.port {
			continue
		}
		class := in.Type[strings.LastIndex(in.Type, ".")+1:]
		switch {
		case strings.Contains(class, "UDP") != (g.scheme == "udp"):
			continue // the same port of the other protocol
		case class != kind:
			return fmt.Sprintf("the input %q at port %s is a %s", in.Title, g.port, class), "Records need one of the kind GELF TCP, or GELF UDP for udp://."
		case s.State != "RUNNING":
			return fmt.Sprintf("the input %q at port %s is %s", in.Title, g.port, strings.ToLower(s.State)), "Start it, at System, Inputs."
		}
		return "", ""
	}
	return fmt.Sprintf("no input of this Graylog is at port %s", g.port),
		fmt.Sprintf("Make one of the kind GELF TCP at this port; or --server leads to another Graylog, or to a proxy with another port. The usual port of this role is %d.", g.role.Port)
}
