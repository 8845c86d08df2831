package graylog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"unicode"
)

var (
	// ErrNoLogin reports that a request needs a login, and [Config] has none.
	ErrNoLogin = errors.New("no login: give a token, or a user and a password")

	// ErrUnauthorized reports that Graylog rejected the login (401).
	ErrUnauthorized = errors.New("the login was rejected")

	// ErrForbidden reports that the user lacks a permission (403).
	ErrForbidden = errors.New("the user lacks the permission")

	// ErrNotFound reports that Graylog does not have what was asked for (404).
	ErrNotFound = errors.New("not found")

	// ErrNotGraylog reports that something other than Graylog responded.
	ErrNotGraylog = errors.New("the server is not Graylog")

	// ErrUnavailable reports that the server cannot be reached or is starting.
	ErrUnavailable = errors.New("the server is not available")
)

// An Error is a failed request. errors.Is compares it with the sentinel errors
// of this package.
type Error struct {
	Method string
	URL    string // without the query
	Status int    // HTTP status, 0 without a response
	Text   string // the server's message, one printable line
	Advice string // what to do about the error, "" if unknown
	Err    error  // the cause, nil if Status describes the error
}

func (e *Error) Error() string {
	text := e.Method + " " + e.URL
	if e.Err == nil {
		text += fmt.Sprintf(": %d %s", e.Status, http.StatusText(e.Status))
	} else {
		text += ": " + e.Err.Error()
	}
	if e.Text != "" {
		text += ": " + e.Text
	}
	if e.Advice != "" {
		text += ": " + e.Advice
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the sentinel error for e's status or cause.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrUnavailable:
		return e.unavailable()
	}
	return false
}

// unavailable reports whether the error may pass when the server is up.
func (e *Error) unavailable() bool {
	switch e.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	var network *net.OpError
	if errors.As(e.Err, &network) {
		alert := network.Err != nil && strings.HasPrefix(network.Op, "remote error") // of TLS
		return !alert
	}
	return errors.Is(e.Err, io.EOF) || errors.Is(e.Err, io.ErrUnexpectedEOF) || errors.Is(e.Err, syscall.ECONNRESET)
}

// advice returns what to do about a response with this status.
func advice(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "check the user and the password, or the token"
	case http.StatusForbidden:
		return "use a user with the role Admin"
	}
	return ""
}

const notGraylogAdvice = "is this the address that you open in a browser?"

// message returns the server's message from the body of an error response.
func message(body []byte) string {
	var known struct{ Message, Error string }
	if json.Unmarshal(body, &known) != nil {
		return ""
	}
	return Printable(known.Message + known.Error)
}

// Printable returns a server's text as one line of at most 500 characters
// without control sequences, which could change a terminal.
func Printable(text string) string {
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
