package doctor

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
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/handler"
)

// An API is the REST API of Graylog, or of a collector, which needs no login.
type API struct {
	URL            string // of the page, such as http://127.0.0.1:9000
	User, Password string
	Token          string // replaces User and Password
}

// A client sends requests to an API.
type client struct {
	base           string
	user, password string // not sent before the server is known to be Graylog
	http           http.Client
	skew           time.Duration // how far the server's clock is behind, by its last answer
}

// newClient returns a client. The error is about the URL. It does not contain a
// password in the URL.
func newClient(api API) (*client, error) {
	const example = "http://127.0.0.1:9000"
	u, err := url.Parse(api.URL)
	switch {
	case err != nil: // the error of url.Parse contains the URL
		return nil, errors.New("invalid URL of the API: write it as " + example)
	case u.User != nil:
		return nil, errors.New("the URL of the API contains a user, which appears in logs and process lists: " +
			"set GRAYLOG_USER and GRAYLOG_PASSWORD instead")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("invalid URL of the API %q: write it as %s", api.URL, example)
	}
	c := &client{
		base: strings.TrimSuffix(strings.TrimRight(u.String(), "/"), "/api"),
		user: api.User, password: api.Password,
	}
	if api.Token != "" {
		c.user, c.password = api.Token, "token" // Graylog's convention
	}
	return c, nil
}

// useTLS trusts the authorities of a file beside the system's: the API may have a
// certificate of another authority than the input.
func (c *client) useTLS(caFile string) error {
	system, err := x509.SystemCertPool()
	if err != nil {
		system = x509.NewCertPool()
	}
	trust := handler.TLS{CAFile: caFile, Config: &tls.Config{RootCAs: system}}
	cfg, err := trust.ClientConfig("")
	if err != nil {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	transport.TLSClientConfig = cfg
	c.http.Transport = transport
	return nil
}

// A statusError is an answer other than 200.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", e.status, http.StatusText(e.status), e.text))
}

// get requests a path and decodes the JSON of the answer, even that of a
// statusError.
func (c *client) get(ctx context.Context, path string, query url.Values, auth bool, into any) error {
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	if auth {
		req.SetBasicAuth(c.user, c.password)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		c.skew = time.Until(at)
	}
	const maxBytes = 16 << 20
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBytes))
	if err != nil {
		return err
	}
	decodeErr := json.Unmarshal(body, into)
	if resp.StatusCode != http.StatusOK {
		var answer struct{ Message, Error string }
		_ = json.Unmarshal(body, &answer) // the text is optional
		return &statusError{resp.StatusCode, answer.Message + answer.Error}
	}
	if decodeErr != nil {
		return fmt.Errorf("the answer is not the expected JSON: %w", decodeErr)
	}
	return nil
}
