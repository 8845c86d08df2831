package contentpack

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"unicode"
)

// An api sends requests to Graylog.
type api struct {
	base           string
	user, password string
	http           *http.Client
	tls            *tls.Config
}

// A statusError is an answer other than 2xx.
type statusError struct {
	code int
	text string // what the server says to it
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("%d %s", e.code, http.StatusText(e.code))
	if e.text != "" {
		text += ": " + e.text
	}
	return text
}

var errNotGraylog = errors.New("the answer is not JSON as Graylog's: is this the address of Graylog?")

// maxAnswer is more than a thousand dashboards.
const maxAnswer = 64 << 20

func (a *api) get(ctx context.Context, path string, into any) error {
	return a.do(ctx, http.MethodGet, path, nil, into)
}

// do sends a request, body as JSON if it is not nil, and decodes the answer if
// into is not nil. Errors name the request, and never who sent it.
func (a *api) do(ctx context.Context, method, path string, body, into any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, content)
	if err != nil {
		return err
	}
	req.SetBasicAuth(a.user, a.password)
	req.Header.Set("Accept", "application/json")
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Requested-By", "synlogger") // Graylog's guard against forged requests
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return err // of the type *url.Error, which names the request
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil && into == nil && resp.StatusCode < 300:
		err = nil // it is done, whatever it was going to say
	case err != nil:
	case len(answer) > maxAnswer:
		err = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		err = fmt.Errorf("the server says to ask at %s instead: give that address", printable(resp.Header.Get("Location")))
	case resp.StatusCode >= 400:
		err = &statusError{resp.StatusCode, complaint(answer)}
	case strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html"):
		err = errNotGraylog // a proxy's page to log in, for example
	case into != nil:
		dec := json.NewDecoder(bytes.NewReader(answer))
		dec.UseNumber()
		if dec.Decode(into) != nil {
			err = errNotGraylog
		}
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, a.base+path, err)
	}
	return nil
}

// complaint returns what an answer says about an error, in a line.
func complaint(answer []byte) string {
	var known struct{ Message string }
	if json.Unmarshal(answer, &known) != nil {
		return ""
	}
	return printable(known.Message)
}

// printable makes one line of a server's text, without what could change a
// terminal, and no longer than is read.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return '?'
	}, text)
	const most = 500
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return text
}

// isEnd reports whether the server hung up.
func isEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}
