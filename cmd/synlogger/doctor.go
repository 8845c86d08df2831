package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/cmd/internal/doctor"
	"github.com/aimakerspace/synlogger/cmd/internal/output"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/role"
)

// doctorFlags select what the doctor checks.
type doctorFlags struct {
	server, role, name string
	tls                delivery.TLS
	api                graylog.Settings
	timeout            time.Duration
	failures           time.Duration
	json               bool
}

func newDoctor() *cobra.Command {
	var flags doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out why records do not arrive",
		Long: `doctor follows a record to Graylog. If a step fails, it prints what to do. The steps
are:
  - the configuration
  - the name of the host, and a connection to each of its addresses
  - TLS and the server's certificate, with tls://
  - a record that tries whether the server accepts GELF
  - a probe record, through the handler that the programs of the role use

With --url it looks the probe up. It asks Graylog, or a collector, whether the probe is
in the role's stream, and if not, why. It also lists the records that Graylog's index
has refused; --failures sets how far back it looks. Graylog requires a login, a local
collector does not.

Each line begins with a status:
  ok       the step succeeded
  note     worth knowing, but records arrive
  unknown  the outcome could not be confirmed
  failed   records do not arrive

UDP has no acknowledgments, so its outcome is unknown without --url. The probe and
the record that tries the connection stay in Graylog. Their logger, such as
doctor-TTP_doctor, is in the role's stream, and not on the dashboard.

With --json, doctor prints one JSON object, even if the command line is invalid.

` + apiHelp + `

Exit codes:
  0  no step failed
  1  a step failed
  2  invalid command line
  4  no step failed, but the outcome of a step is unknown`,
		Example: `  synlogger doctor                                         the TTP's input on this machine
  synlogger doctor --server graylog.example --role worker  another role and host
  synlogger doctor --server tls://graylog.example:9300 --ca-file ca.pem
  synlogger doctor --url http://127.0.0.1:9000             also look the probe up
  synlogger doctor --json                                  for scripts`,
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.server, "server", "127.0.0.1", "address of the input: [tcp://|tls://|udp://]HOST[:PORT]")
	f.StringVar(&flags.role, "role", "ttp", "role of the probe: sysmetric, director, ttp or worker")
	f.StringVar(&flags.name, "name", "doctor", "name of the probe's party")
	addTLS(cmd, &flags.tls)
	addAPI(cmd, &flags.api, "address of Graylog's or a collector's page, for the probe ($GRAYLOG_URL)")
	f.DurationVar(&flags.timeout, "timeout", 10*time.Second, "longest time of a step, and of the search for the probe")
	addFailures(cmd, &flags.failures)
	f.BoolVar(&flags.json, "json", false, "print one JSON object")
	must(cmd.RegisterFlagCompletionFunc("role",
		cobra.FixedCompletions(roleNames(), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func (f *doctorFlags) run(cmd *cobra.Command) error {
	opts, err := f.options()
	if err != nil {
		return err
	}
	if !f.json {
		opts.OnStep = func(s doctor.Step) { s.Print(cmd.OutOrStdout()) }
	}
	d, err := doctor.New(opts)
	if err != nil {
		return usageError{err}
	}
	report, err := d.Run(cmd.Context())
	if f.json {
		return printReport(cmd.OutOrStdout(), report, err)
	}
	return err
}

// options translates the flags and the environment.
func (f *doctorFlags) options() (doctor.Config, error) {
	opts := doctor.Config{
		Server:   f.server,
		Name:     f.name,
		TLS:      f.tls,
		Timeout:  f.timeout,
		Failures: f.failures,
	}
	r, err := role.Lookup(f.role)
	if err != nil {
		return opts, usageError{fmt.Errorf("--role %q: use %s", f.role, strings.Join(roleNames(), ", "))}
	}
	opts.Role = r
	if f.timeout <= 0 {
		return opts, usageError{fmt.Errorf("--timeout %v: use a positive duration", f.timeout)}
	}
	if err := checkFailures(f.failures); err != nil {
		return opts, err
	}
	if err := checkPair(f.tls); err != nil {
		return opts, err
	}
	if f.api.URL == "" && os.Getenv(graylog.EnvURL) == "" {
		return opts, f.checkNoLogin()
	}
	api, err := f.api.Config()
	opts.API = &api
	return opts, err
}

// checkNoLogin returns an error if a flag selects a login without a REST API.
func (f *doctorFlags) checkNoLogin() error {
	for flag, value := range map[string]string{
		"user":          f.api.User,
		"password-file": f.api.PasswordFile,
		"token-file":    f.api.TokenFile,
	} {
		if value != "" {
			return usageError{fmt.Errorf("--%s has no effect without --url or %s", flag, graylog.EnvURL)}
		}
	}
	return nil
}

// printReport prints a report and the error of its run as one JSON object, and
// returns the error.
func printReport(w io.Writer, report doctor.Report, err error) error {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if printErr := output.JSON(w, struct {
		doctor.Report
		OK    bool   `json:"ok"`
		Error string `json:"error,omitempty"`
	}{report, err == nil, text}); printErr != nil {
		return printErr
	}
	if err != nil {
		return &output.PrintedError{Err: err}
	}
	return nil
}
