package graylog

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"os"
	"strings"
	"time"
)

// DefaultURL is the address of Graylog on the same machine.
const DefaultURL = "http://127.0.0.1:9000"

// Environment variables that [Settings] reads.
const (
	EnvURL          = "GRAYLOG_URL"           // address of the web page
	EnvUser         = "GRAYLOG_USER"          // user name, admin by default
	EnvPassword     = "GRAYLOG_PASSWORD"      // the user's password
	EnvPasswordFile = "GRAYLOG_PASSWORD_FILE" // file with the password
	EnvToken        = "GRAYLOG_TOKEN"         // access token, instead of user and password
	EnvTokenFile    = "GRAYLOG_TOKEN_FILE"    // file with the token
)

// Env lists the environment variables that [Settings] reads.
func Env() []string {
	return []string{EnvURL, EnvUser, EnvPassword, EnvPasswordFile, EnvToken, EnvTokenFile}
}

// A Config configures a [Client].
type Config struct {
	// URL is the address of Graylog's web page, including the path if a proxy
	// serves the page below one. (Default: DefaultURL.)
	URL string

	// User and Password log in, or Token does. If neither is given, requests that
	// need a login fail with ErrNoLogin.
	User, Password string
	Token          string

	// TLS configures https. (Default: trust the authorities of the system.)
	TLS *tls.Config

	// Timeout limits each request. (Default: 2 minutes.)
	Timeout time.Duration
}

// HasLogin reports whether c contains a token, or a user and a password.
func (c Config) HasLogin() bool {
	return c.Token != "" || c.User != "" && c.Password != ""
}

// Settings are the flags of a command line. The environment replaces empty
// fields. Secrets are in files or in the environment, because all users of a
// machine can see the arguments of its programs.
type Settings struct {
	URL          string // GRAYLOG_URL; no default here
	User         string // GRAYLOG_USER, or admin
	PasswordFile string // GRAYLOG_PASSWORD, or the file in GRAYLOG_PASSWORD_FILE
	TokenFile    string // GRAYLOG_TOKEN, or the file in GRAYLOG_TOKEN_FILE
}

// Config returns the configuration that s and the environment contain. A token
// takes precedence over a password, unless only PasswordFile is set. The result
// may lack a URL or a login: see [Config.HasLogin].
func (s Settings) Config() (Config, error) {
	c := Config{URL: cmp.Or(s.URL, os.Getenv(EnvURL))}
	var err error
	if s.PasswordFile == "" || s.TokenFile != "" {
		if c.Token, err = secret("token", s.TokenFile, EnvToken, EnvTokenFile); err != nil {
			return c, err
		}
	}
	if c.Token == "" {
		c.User = cmp.Or(s.User, os.Getenv(EnvUser), "admin")
		c.Password, err = secret("password", s.PasswordFile, EnvPassword, EnvPasswordFile)
	}
	return c, err
}

// secret returns a secret from a file, else from the environment, else from the
// file that the environment names. It returns "" if all three are missing.
func secret(what, file, env, envFile string) (string, error) {
	if file == "" {
		if text := os.Getenv(env); text != "" {
			return text, nil
		}
		file = os.Getenv(envFile)
	}
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the %s file: %w", what, err)
	}
	line := strings.TrimRight(string(text), "\r\n")
	if line == "" || strings.ContainsAny(line, "\r\n") {
		return "", fmt.Errorf("read the %s file: %s must contain one line, the %s", what, file, what)
	}
	return line, nil
}
