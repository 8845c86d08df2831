package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/contentpack"
)

// packFlags say what is in the pack.
type packFlags struct {
	options contentpack.Options
	ports   []string
}

func (f *packFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	o := &f.options
	flags.StringVar(&o.Bind, "bind", "0.0.0.0", "IP address of the server at which the inputs listen")
	flags.StringArrayVar(&f.ports, "port", nil, `another port for a role, as "ttp=19300"; may be repeated`)
	flags.BoolVar(&o.TestInput, "test-input", false, fmt.Sprintf("add the input %s at port %d, or that of --port test=PORT", contentpack.TestInputTitle, contentpack.TestInputPort))
	flags.StringVar(&o.TLS.CertFile, "tls-cert", "", "certificate of the inputs, in PEM: a file of the server's; enables TLS")
	flags.StringVar(&o.TLS.KeyFile, "tls-key", "", "its key, in PEM: a file of the server's")
	flags.StringVar(&o.TLS.ClientAuth, "tls-client-auth", "", "whether senders show a certificate: disabled, optional or required")
	flags.StringVar(&o.TLS.ClientCAs, "tls-client-ca", "", "certificates that are trusted for that: a file or directory of the server's")
	flags.StringVar(&o.MinServer, "min-server", "4.0.0", "oldest version of Graylog that takes the pack; 3.3.0 for 3.3.11")
	flags.IntVar(&o.Revision, "revision", contentpack.Revision, "revision of the pack")
	flags.StringVar(&o.Summary, "summary", "", "what Graylog's list of packs says of it")
	flags.StringVar(&o.Vendor, "vendor", "", "who it says the pack is from")
	flags.StringVar(&o.URL, "vendor-url", "", "where it says there is more about it")
	must(cmd.RegisterFlagCompletionFunc("port", func(*cobra.Command, []string, string) (out []cobra.Completion, _ cobra.ShellCompDirective) {
		for _, name := range roleNames() {
			out = append(out, name+"=")
		}
		return out, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	}))
	must(cmd.RegisterFlagCompletionFunc("tls-client-auth", cobra.FixedCompletions([]string{"disabled", "optional", "required"}, cobra.ShellCompDirectiveNoFileComp)))
}

// pack makes the pack. The error is about the command line.
func (f *packFlags) pack(cmd *cobra.Command) (contentpack.Pack, error) {
	o := f.options
	o.TLS.Enable = o.TLS.CertFile != "" || o.TLS.KeyFile != ""
	if cmd.Flags().Changed("revision") && o.Revision < 1 {
		return contentpack.Pack{}, usageError{fmt.Errorf("--revision %d: use a positive number", o.Revision)}
	}
	o.Ports = map[string]int{}
	for _, arg := range f.ports {
		name, text, _ := strings.Cut(arg, "=")
		port, err := strconv.Atoi(text)
		if err != nil {
			return contentpack.Pack{}, usageError{fmt.Errorf(`--port %q: write it as "ttp=19300"`, arg)}
		}
		if strings.EqualFold(name, contentpack.TestInputRole) {
			name = contentpack.TestInputRole
		}
		o.Ports[name] = port
	}
	p, err := contentpack.New(o)
	if err != nil {
		return p, usageError{errors.New(strings.TrimPrefix(err.Error(), "contentpack: "))}
	}
	return p, nil
}

// The environment names the server, and has what must not stand in a list of
// processes. The names are those of Graylog's own images and tests.
const (
	envGraylogURL          = "GRAYLOG_URL"
	envGraylogUser         = "GRAYLOG_USER"
	envGraylogPassword     = "GRAYLOG_PASSWORD"
	envGraylogPasswordFile = "GRAYLOG_PASSWORD_FILE"
	envGraylogToken        = "GRAYLOG_TOKEN"
	envGraylogTokenFile    = "GRAYLOG_TOKEN_FILE"
)

// serverFlags say which server, and who logs in.
type serverFlags struct {
	url, user               string
	passwordFile, tokenFile string
	ca                      string
	insecure                bool
	wait                    time.Duration
	json                    bool
	failures                time.Duration
}

func (f *serverFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.url, "url", "", "address of Graylog's page ($GRAYLOG_URL, or "+contentpack.DefaultURL+")")
	flags.StringVar(&f.user, "user", "", "user with the role Admin ($GRAYLOG_USER, or admin)")
	flags.StringVar(&f.passwordFile, "password-file", "", "file that has the password ($GRAYLOG_PASSWORD_FILE; or the password is in $GRAYLOG_PASSWORD)")
	flags.StringVar(&f.tokenFile, "token-file", "", "file that has an access token ($GRAYLOG_TOKEN_FILE; or the token is in $GRAYLOG_TOKEN)")
	flags.StringVar(&f.ca, "ca", "", "certificates, in PEM, of the authorities to trust for https")
	flags.BoolVar(&f.insecure, "insecure", false, "trust any certificate; whoever is in between can read the password")
	flags.DurationVar(&f.wait, "wait", 0, "how long to wait for a server that starts")
	flags.BoolVar(&f.json, "json", false, "print one JSON object, also about an error")
	for _, name := range []string{"password-file", "token-file"} {
		must(cmd.MarkFlagFilename(name))
	}
	must(cmd.MarkFlagFilename("ca", "pem", "crt", "cer"))
}

// addFailures adds the flag that says how far back to look for records that the
// index has refused.
func addFailures(cmd *cobra.Command, within *time.Duration) {
	cmd.Flags().DurationVar(within, "failures", contentpack.DefaultFailuresWithin,
		"how far back to look for records that the index has refused, such as 10m; 0 does not look")
}

// client translates the flags and the environment. A flag wins over the
// environment, a token over a password. The errors are about the command line.
func (f *serverFlags) client() (*contentpack.Client, error) {
	if f.wait < 0 {
		return nil, usageError{fmt.Errorf("--wait %v: use a positive duration", f.wait)}
	}
	if f.failures < 0 {
		return nil, usageError{fmt.Errorf("--failures %v: use a positive duration, or 0", f.failures)}
	}
	c := &contentpack.Client{
		URL: first(f.url, os.Getenv(envGraylogURL), contentpack.DefaultURL), Wait: f.wait,
		FailuresWithin: cmp.Or(f.failures, -1),
	}
	var err error
	passwordGiven := f.passwordFile != ""
	if !passwordGiven || f.tokenFile != "" {
		if c.Token, err = secret("--token-file", f.tokenFile, envGraylogToken, envGraylogTokenFile); err != nil {
			return nil, err
		}
	}
	if c.Token == "" {
		c.User = first(f.user, os.Getenv(envGraylogUser), "admin")
		if c.Password, err = secret("--password-file", f.passwordFile, envGraylogPassword, envGraylogPasswordFile); err != nil {
			return nil, err
		}
		if c.Password == "" {
			return nil, usageError{fmt.Errorf("no password for %s: set %s, or name a file with --password-file; or give a token", c.User, envGraylogPassword)}
		}
	}
	if f.ca == "" && !f.insecure {
		return c, nil
	}
	c.TLS = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: f.insecure}
	if f.ca != "" {
		pem, err := os.ReadFile(f.ca)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		c.TLS.RootCAs = x509.NewCertPool()
		if !c.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca: %s has no certificate in PEM", f.ca)
		}
	}
	return c, nil
}

// secret returns a secret from the file of a flag, else from the environment,
// else from the file that the environment names; "" if there is none.
func secret(flag, file, env, envFile string) (string, error) {
	where := flag
	if file == "" {
		if text := os.Getenv(env); text != "" {
			return text, nil
		}
		where, file = envFile, os.Getenv(envFile)
	}
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", where, err)
	}
	line := strings.TrimRight(string(text), "\r\n")
	if line == "" || strings.ContainsAny(line, "\r\n") {
		return "", fmt.Errorf("%s: %s should have one line, the secret", where, file)
	}
	return line, nil
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
