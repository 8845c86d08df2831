package graylog

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
)

// ErrPermissionsUnknown means that the server does not return the permissions of the
// user.
var ErrPermissionsUnknown = errors.New("the permissions of the user are unknown")

// Permissions are what a user may do, such as streams:create or streams:*.
type Permissions []string

// Permissions returns the permissions of the user. The error is ErrPermissionsUnknown if
// the login is a token, and the server does not return its user.
func (c *Client) Permissions(ctx context.Context) (Permissions, error) {
	user := c.user
	if c.password == "token" {
		var session struct{ Username string }
		if err := c.Get(ctx, "/api/system/sessions", nil, &session); err != nil {
			return nil, err
		}
		if user = session.Username; user == "" {
			return nil, ErrPermissionsUnknown
		}
	}
	var answer struct{ Permissions Permissions }
	err := c.Get(ctx, "/api/users/"+url.PathEscape(user), nil, &answer)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrForbidden) {
		err = ErrPermissionsUnknown
	}
	if err == nil && answer.Permissions == nil {
		err = ErrPermissionsUnknown
	}
	return answer.Permissions, err
}

// Imply reports whether the permissions contain one. Like Apache Shiro, it compares the
// parts between colons. A part may be a list with commas, or *, and missing parts at the
// end are *.
func (p Permissions) Imply(wanted string) bool {
	return slices.ContainsFunc(p, func(granted string) bool {
		parts := strings.Split(granted, ":")
		for i, part := range strings.Split(wanted, ":") {
			if i == len(parts) {
				return true
			}
			list := strings.Split(parts[i], ",")
			if !slices.Contains(list, "*") && !slices.Contains(list, part) {
				return false
			}
		}
		rest := parts[min(len(parts), strings.Count(wanted, ":")+1):]
		return !slices.ContainsFunc(rest, func(part string) bool { return cmp.Or(part, "*") != "*" })
	})
}
