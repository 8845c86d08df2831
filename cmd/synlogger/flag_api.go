package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/contentpack/installer"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// apiHelp describes the variables of [graylog.Settings] in the help of commands with
// the flags of addAPI.
const apiHelp = `Environment:
  GRAYLOG_URL            address of Graylog's page and REST API (--url)
  GRAYLOG_USER           user name; admin by default (--user)
  GRAYLOG_PASSWORD       password
  GRAYLOG_PASSWORD_FILE  file that contains the password (--password-file)
  GRAYLOG_TOKEN          access token, instead of user and password
  GRAYLOG_TOKEN_FILE     file that contains the token (--token-file)
Flags override the environment. Passwords and tokens have no flags, because all
users of a machine can read the arguments of its processes.`

// addAPI adds the flags that select the REST API of a Graylog and the login there.
func addAPI(cmd *cobra.Command, api *graylog.Settings, urlUsage string) {
	flags := cmd.Flags()
	flags.StringVar(&api.URL, "url", "", urlUsage)
	flags.StringVar(&api.User, "user", "", "user of the REST API ($GRAYLOG_USER, or admin)")
	flags.StringVar(&api.PasswordFile, "password-file", "", "file with the user's password ($GRAYLOG_PASSWORD_FILE)")
	flags.StringVar(&api.TokenFile, "token-file", "", "file with an access token ($GRAYLOG_TOKEN_FILE)")
	must(cmd.MarkFlagFilename("password-file"))
	must(cmd.MarkFlagFilename("token-file"))
}

// addFailures adds the flag that limits the search for refused records.
func addFailures(cmd *cobra.Command, within *time.Duration) {
	cmd.Flags().DurationVar(within, "failures", installer.DefaultFailuresWithin,
		"how far back to look for refused records; 0 skips the search")
}

// checkFailures returns an error if --failures is negative.
func checkFailures(within time.Duration) error {
	if within < 0 {
		return usageError{fmt.Errorf("--failures %v: use a positive duration, or 0", within)}
	}
	return nil
}
