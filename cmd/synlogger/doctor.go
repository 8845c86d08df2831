package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/role"
)

// The environment has what must not stand in a list of processes.
const (
	envUser     = "SYNLOGGER_API_USER"
	envPassword = "SYNLOGGER_API_PASSWORD"
)

// doctorFlags say what to examine.
type doctorFlags struct {
	server, role, name string
	tls                handler.TLS
	api                string
	timeout            time.Duration
	json               bool
}

func newDoctor() *cobra.Command {
	var flags doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out why records do not arrive",
		Long: `doctor goes the way of a record step by step, says what it finds, and what to do
where it fails: the configuration, the name of the host, a connection to each
of its addresses, TLS and the server's certificate, whether the server bears
GELF, and a probe record through the handler that the role's parties use.

With --api it looks the probe up: it asks Graylog, or a collector, whether the
record is in the role's stream, and if not, why that may be. For Graylog the
user and the password stand in the environment, in SYNLOGGER_API_USER and
SYNLOGGER_API_PASSWORD; an access token is a user whose password is "token".

A line begins with ok, with failed, or with note for what is no hindrance but
worth knowing. The probe and a record that tries the connection stay in
Graylog; their logger is the role's prefix and --name. Exit status: 0 if no
step failed, 1 if one did, 2 if the command line is wrong.`,
		Example: `  synlogger doctor                                            the TTP's input on this machine
  synlogger doctor --server graylog.example --role worker     that of another role, elsewhere
  synlogger doctor --server tls://graylog.example:9300 --ca-file ca.pem
  synlogger doctor --api http://127.0.0.1:9000                look for the probe in its stream, too
  synlogger doctor --json                                     for scripts`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := flags.doctor(cmd.OutOrStdout())
			if err != nil {
				return usageError{err}
			}
			return d.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.server, "server", "127.0.0.1", "where Graylog listens: host or host:port, behind tcp://, tls:// or udp:// if need be")
	f.StringVar(&flags.role, "role", "ttp", "role of the probe: sysmetric, director, ttp or worker")
	f.StringVar(&flags.name, "name", "doctor", "name of the probe's party")
	addTLS(cmd, &flags.tls)
	f.StringVar(&flags.api, "api", "", "address of Graylog's page, or of a collector's, such as http://127.0.0.1:9000")
	f.DurationVar(&flags.timeout, "timeout", 10*time.Second, "how long a step may take, the search for the probe included")
	f.BoolVar(&flags.json, "json", false, "print one JSON object")
	must(cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions(roleNames(), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// must is for what fails only if this program names a flag that it lacks.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func roleNames() (names []cobra.Completion) {
	for _, r := range role.All() {
		names = append(names, strings.ToLower(r.Name))
	}
	return names
}

// doctor translates the flags. The error is about the command line.
func (f *doctorFlags) doctor(out io.Writer) (*doctor, error) {
	r, err := role.Lookup(f.role)
	if err != nil {
		return nil, fmt.Errorf("--role %q: use %s", f.role, strings.Join(roleNames(), ", "))
	}
	addr, err := handler.ParseAddr(f.server, r.Port)
	if err != nil {
		return nil, fmt.Errorf("--server: %w", err)
	}
	if f.timeout <= 0 {
		return nil, fmt.Errorf("--timeout %v: use a positive duration", f.timeout)
	}
	if (f.tls.CertFile == "") != (f.tls.KeyFile == "") {
		return nil, fmt.Errorf("--cert-file and --key-file belong together: give both")
	}
	d := &doctor{role: r, server: addr, name: f.name, tls: f.tls, timeout: f.timeout, probe: newProbe(), out: out, json: f.json}
	d.scheme, d.address, _ = strings.Cut(addr, "://")
	if d.host, d.port, err = net.SplitHostPort(d.address); err != nil {
		return nil, fmt.Errorf("--server: %w", err)
	}
	if f.api != "" {
		base, err := parseAPI(f.api)
		if err != nil {
			return nil, err
		}
		d.api = &apiClient{base: base, user: os.Getenv(envUser), password: os.Getenv(envPassword)}
	}
	return d, nil
}

// parseAPI returns the base URL of a page, without a slash or /api at its end.
func parseAPI(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		// The error of url.Parse shows the text, and that may have a password.
		return "", fmt.Errorf("--api is no URL: write it as http://127.0.0.1:9000")
	case u.User != nil:
		return "", fmt.Errorf("--api has a user in it, for every user of this machine to see: set %s and %s instead", envUser, envPassword)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return "", fmt.Errorf("--api %q: write it as http://127.0.0.1:9000", text)
	}
	return strings.TrimSuffix(strings.TrimRight(u.String(), "/"), "/api"), nil
}

// Statuses of a step.
const (
	statusOK     = "ok"
	statusNote   = "note" // something to know that keeps no record back
	statusFailed = "failed"
)

// A step is one thing that was tried.
type step struct {
	Name   string `json:"step"`
	Status string `json:"status"`
	Found  string `json:"found"`
	Advice string `json:"advice,omitempty"`
}

// A doctor examines the way of a role's records to a server.
type doctor struct {
	role                        role.Role
	server                      string // scheme://host:port
	scheme, address, host, port string // its parts
	name                        string
	tls                         handler.TLS
	api                         *apiClient // nil without --api
	timeout                     time.Duration
	probe                       string // the value of the probe's attribute doctor_probe

	out   io.Writer
	json  bool
	steps []step
}

// run takes the steps. The error says that some of them failed.
func (d *doctor) run(ctx context.Context) error {
	d.examine(ctx)
	failed := 0
	for _, s := range d.steps {
		if s.Status == statusFailed {
			failed++
		}
	}
	if d.json {
		enc := json.NewEncoder(d.out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(struct {
			Server string `json:"server"`
			Role   string `json:"role"`
			Probe  string `json:"doctor_probe"`
			OK     bool   `json:"ok"`
			Steps  []step `json:"steps"`
		}{d.server, d.role.Name, d.probe, failed == 0, d.steps}); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d steps failed", failed, len(d.steps))
	}
	return ctx.Err()
}

// examine takes one step after the other, as far as they can be taken.
func (d *doctor) examine(ctx context.Context) {
	h, frame := d.configure()
	if h == nil {
		return
	}
	defer d.end(h)
	found := d.detect(ctx)
	if d.deliver(ctx, h, frame) {
		if found != nil {
			found.find(ctx)
		}
	} else if g, ok := found.(*graylogAPI); ok {
		g.tellInput(ctx)
	}
}

// deliver reports whether the probe was sent.
func (d *doctor) deliver(ctx context.Context, h *role.Handler, frame []byte) bool {
	conn := d.connect(ctx)
	if conn == nil {
		return false
	}
	bears := d.tryFrame(ctx, conn, frame)
	conn.Close()
	return bears && d.sendProbe(ctx, h)
}

// end closes the handler without waiting for a server that takes nothing.
func (d *doctor) end(h *role.Handler) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = h.Shutdown(ctx) // what was not sent has been told of
}

func (d *doctor) ok(name, format string, args ...any) {
	d.tell(step{name, statusOK, fmt.Sprintf(format, args...), ""})
}

func (d *doctor) note(name, found, advice string) { d.tell(step{name, statusNote, found, advice}) }

func (d *doctor) fail(name, found, advice string) { d.tell(step{name, statusFailed, found, advice}) }

// tell keeps a step, and prints it at once for those who watch.
func (d *doctor) tell(s step) {
	s.Found, s.Advice = printable(s.Found), printable(s.Advice)
	d.steps = append(d.steps, s)
	if d.json {
		return
	}
	fmt.Fprintf(d.out, "%-7s %-14s %s\n", s.Status, s.Name, s.Found)
	if s.Advice != "" {
		fmt.Fprintf(d.out, "%22s > %s\n", "", s.Advice)
	}
}

// printable takes out what a server could do to a terminal, and puts all on
// one line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return '?'
	}, s)
}
