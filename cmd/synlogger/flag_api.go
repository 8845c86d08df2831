package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/contentpack"
)

// The environment variables of Graylog's REST API. Passwords and tokens have no
// flags, because all users of a machine can read the arguments of its processes.
const (
	envGraylogURL          = "GRAYLOG_URL"
	envGraylogUser         = "GRAYLOG_USER"
	envGraylogPassword     = "GRAYLOG_PASSWORD"
	envGraylogPasswordFile = "GRAYLOG_PASSWORD_FILE"
	envGraylogToken        = "GRAYLOG_TOKEN"
	envGraylogTokenFile    = "GRAYLOG_TOKEN_FILE"
)

// apiHelp describes the environment variables for the help of commands with
// apiFlags.
const apiHelp = `Environment:
  GRAYLOG_URL            address of Graylog's page and REST API (--url)
  GRAYLOG_USER           user name; admin by default (--user)
  GRAYLOG_PASSWORD       password
  GRAYLOG_PASSWORD_FILE  file that contains the password (--password-file)
  GRAYLOG_TOKEN          access token, instead of user and password
  GRAYLOG_TOKEN_FILE     file that contains the token (--token-file)
Flags override the environment. Passwords and tokens have no flags, because all
users of a machine can read the arguments of its processes.`

// apiFlags select the REST API of a Graylog and the login there.
type apiFlags struct {
	url, user               string
	passwordFile, tokenFile string
}

func (f *apiFlags) add(cmd *cobra.Command, urlUsage string) {
	flags := cmd.Flags()
	flags.StringVar(&f.url, "url", "", urlUsage)
	flags.StringVar(&f.user, "user", "", "user of the REST API ($GRAYLOG_USER, or admin)")
	flags.StringVar(&f.passwordFile, "password-file", "", "file with the user's password ($GRAYLOG_PASSWORD_FILE)")
	flags.StringVar(&f.tokenFile, "token-file", "", "file with an access token ($GRAYLOG_TOKEN_FILE)")
	must(cmd.MarkFlagFilename("password-file"))
	must(cmd.MarkFlagFilename("token-file"))
}

// A login is what the flags and the environment say about the REST API. It has a
// token, or a user and perhaps a password.
type login struct{ url, user, password, token string }

// login merges the flags and the environment. A flag overrides the environment, a
// token overrides a password.
func (f *apiFlags) login() (l login, err error) {
	l.url = cmp.Or(f.url, os.Getenv(envGraylogURL))
	if f.passwordFile == "" || f.tokenFile != "" {
		l.token, err = secret("--token-file", f.tokenFile, envGraylogToken, envGraylogTokenFile)
		if err != nil || l.token != "" {
			return l, err
		}
	}
	l.user = cmp.Or(f.user, os.Getenv(envGraylogUser), "admin")
	l.password, err = secret("--password-file", f.passwordFile, envGraylogPassword, envGraylogPasswordFile)
	return l, err
}

// secret returns the secret in the file of a flag, else in an environment variable,
// else in the file that another variable names, else "".
func secret(flag, file, env, envFile string) (string, error) {
	source := flag
	if file == "" {
		if text := os.Getenv(env); text != "" {
			return text, nil
		}
		source, file = envFile, os.Getenv(envFile)
	}
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", source, err)
	}
	line := strings.TrimRight(string(text), "\r\n")
	if line == "" || strings.ContainsAny(line, "\r\n") {
		return "", fmt.Errorf("%s: %s must contain one line, the secret", source, file)
	}
	return line, nil
}

// addFailures adds the flag that limits the search for refused records.
func addFailures(cmd *cobra.Command, within *time.Duration) {
	cmd.Flags().DurationVar(within, "failures", contentpack.DefaultFailuresWithin,
		"how far back to look for refused records; 0 does not look")
}

// checkFailures returns an error if --failures is negative.
func checkFailures(within time.Duration) error {
	if within < 0 {
		return usageError{fmt.Errorf("--failures %v: use a positive duration, or 0", within)}
	}
	return nil
}
