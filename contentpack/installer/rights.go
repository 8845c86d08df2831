package installer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

// Permissions that steps need (graylog2-server: RestPermissions).
const (
	createInput     = "inputs:create"
	createInputType = "input_types:create:" + graylog.GELFTCP // since 6.3
	editInput       = "inputs:edit"
	deleteInput     = "inputs:terminate"
	startInput      = "inputs:changestate"
	createStream    = "streams:create"
	editStream      = "streams:edit"
	resumeStream    = "streams:changestate"
	createDashboard = "dashboards:create"
	editDashboard   = "dashboards:edit"
)

// checkRights returns an error if the user lacks a permission that the actions need:
// Install must not fail in the middle. It does nothing if the permissions of the user
// are unknown.
func (s *session) checkRights(ctx context.Context, actions []action) error {
	granted, err := s.api.Permissions(ctx)
	if errors.Is(err, graylog.ErrPermissionsUnknown) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the permissions of the user: %w", err)
	}
	var lacking []string
	for _, a := range actions {
		for _, right := range a.rights {
			if strings.HasPrefix(right, "input_types:") && s.version.Compare(version.Version{Major: 6, Minor: 3}) < 0 {
				continue
			}
			if !granted.Imply(right) && !slices.Contains(lacking, right) {
				lacking = append(lacking, right)
			}
		}
	}
	if len(lacking) == 0 {
		return nil
	}
	changed := "nothing was changed"
	if n := len(s.report.Steps); n > 0 {
		changed = fmt.Sprintf("%d steps were performed", n)
	}
	return fmt.Errorf("%w %s: %s: use a user with the role Admin",
		graylog.ErrForbidden, strings.Join(lacking, ", "), changed)
}
