package installer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aimakerspace/synlogger/internal/graylog"
)

var (
	// ErrObstacle is returned by [Client.Install] if something on the server
	// prevents the installation, such as a port that another input uses. The
	// report's findings contain the obstacles.
	ErrObstacle = errors.New("obstacle on the server")

	// ErrNoLogin reports that the client has neither a token nor a password.
	ErrNoLogin = graylog.ErrNoLogin

	// ErrUnauthorized reports that Graylog rejected the login.
	ErrUnauthorized = graylog.ErrUnauthorized

	// ErrForbidden reports that the user lacks a permission.
	ErrForbidden = graylog.ErrForbidden

	// ErrInvalidURL reports that the URL is not the address of Graylog's page: it is
	// malformed, has the wrong scheme, or the port of a GELF input.
	ErrInvalidURL = graylog.ErrInvalidURL

	// ErrNotGraylog reports that something other than Graylog responded.
	ErrNotGraylog = graylog.ErrNotGraylog

	// ErrUnavailable reports that the server cannot be reached or is starting.
	ErrUnavailable = graylog.ErrUnavailable
)

// obstacleError returns ErrObstacle with the obstacles in its text.
func obstacleError(obstacles []Finding) error {
	var all []string
	for _, f := range obstacles {
		all = append(all, f.Where+": "+f.Found)
	}
	return fmt.Errorf("%w: %s", ErrObstacle, strings.Join(all, "; "))
}
