package main

import (
	"context"
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
	failures           time.Duration
	json               bool
}

func newDoctor() *cobra.Command {
	var flags doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out why records do not arrive",
		Long: `doctor follows a record step by step, and says what to do where a step fails:
the configuration, the name of the host, a connection to each of its addresses,
TLS and the server's certificate, whether the server accepts GELF, and a probe
record through the handler that the role's parties use.

With --api it looks the probe up: it asks Graylog, or a collector, whether the
record is in the role's stream, and if not, why that may be. Of Graylog it also
asks which records the index has refused in the last day; --failures sets how far
back it looks. Set the user and the password in the environment, in
SYNLOGGER_API_USER and SYNLOGGER_API_PASSWORD. For an access token, the token is
the user, and the password is "token".

A line begins with ok, with failed, with unknown for what could not be found out,
or with note for what is worth knowing but holds no record back. Nobody answers
UDP: a datagram is sent, not confirmed, and so unknown without --api. The probe
and a record that tries the connection stay in Graylog; their logger is the
role's prefix and --name.

Exit status: 0 if all steps are ok, 1 if one failed, 2 if the command line is
wrong, 4 if none failed, but one is unknown.`,
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
	addFailures(cmd, &flags.failures)
	f.BoolVar(&flags.json, "json", false, "print one JSON object, also about an error")
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
	if f.failures < 0 {
		return nil, fmt.Errorf("--failures %v: use a positive duration, or 0", f.failures)
	}
	if (f.tls.CertFile == "") != (f.tls.KeyFile == "") {
		return nil, fmt.Errorf("--cert-file and --key-file belong together: give both")
	}
	d := &doctor{
		role: r, server: addr, name: f.name, tls: f.tls, timeout: f.timeout, failures: f.failures,
		probe: newProbe(), out: out, json: f.json,
	}
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
	statusOK      = "ok"
	statusNote    = "note"    // something to know that keeps no record back
	statusUnknown = "unknown" // it could not be found out
	statusFailed  = "failed"
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
	looksUp                     bool       // whether the probe is looked up at the end
	timeout                     time.Duration
	failures                    time.Duration // how far back to look for refused records; 0 does not look
	probe                       string        // the value of the probe's attribute doctor_probe

	out   io.Writer
	json  bool
	steps []step
}

// run takes the steps. The error says that some of them failed, or that their
// outcome is unknown.
func (d *doctor) run(ctx context.Context) error {
	d.examine(ctx)
	err := d.verdict(ctx)
	if !d.json {
		return err
	}
	text := ""
	if err != nil {
		text = err.Error()
	}
	if printErr := printJSON(d.out, struct {
		Server string `json:"server"`
		Role   string `json:"role"`
		Probe  string `json:"doctor_probe"`
		OK     bool   `json:"ok"`
		Error  string `json:"error,omitempty"`
		Steps  []step `json:"steps"`
	}{d.server, d.role.Name, d.probe, err == nil, text, d.steps}); printErr != nil {
		return printErr
	}
	if err != nil {
		return printedError{err}
	}
	return nil
}

// verdict returns an error unless each step is ok or a note.
func (d *doctor) verdict(ctx context.Context) error {
	count := map[string]int{}
	for _, s := range d.steps {
		count[s.Status]++
	}
	switch failed, unknown := count[statusFailed], count[statusUnknown]; {
	case failed > 0:
		return fmt.Errorf("%d of %d steps failed", failed, len(d.steps))
	case ctx.Err() != nil:
		return ctx.Err()
	case unknown > 0:
		return unknownError{fmt.Errorf("no step failed, but the outcome of %d of %d is unknown", unknown, len(d.steps))}
	}
	return nil
}

// examine takes one step after the other, as far as they can be taken.
func (d *doctor) examine(ctx context.Context) {
	h, frame := d.configure()
	if h == nil {
		return
	}
	defer d.end(h)
	found := d.detect(ctx)
	d.looksUp = found != nil
	delivered := d.deliver(ctx, h, frame)
	if delivered && found != nil {
		found.find(ctx)
	}
	if g, ok := found.(*graylogAPI); ok {
		if !delivered {
			g.tellInput(ctx)
		}
		g.tellRefused(ctx)
	}
}

// deliver reports whether the probe was sent.
func (d *doctor) deliver(ctx context.Context, h *role.Handler, frame []byte) bool {
	return d.tryServer(ctx, frame) && d.sendProbe(ctx, h)
}

// tryServer reports whether the server accepts a frame.
func (d *doctor) tryServer(ctx context.Context, frame []byte) bool {
	conn := d.connect(ctx)
	if conn == nil {
		return false
	}
	defer conn.Close()
	return d.tryFrame(ctx, conn, frame)
}

// accepts reports whether the server accepts records, without a probe.
func (d *doctor) accepts(ctx context.Context) bool {
	h, frame := d.configure()
	if h == nil {
		return false
	}
	d.end(h)
	return d.tryServer(ctx, frame)
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

func (d *doctor) unknown(name, found, advice string) {
	d.tell(step{name, statusUnknown, found, advice})
}

// unconfirmed reports a datagram that was sent and not confirmed. It is a note if the
// probe is looked up.
func (d *doctor) unconfirmed(name, found string) {
	if d.looksUp {
		d.note(name, found, "The steps below look the probe up.")
		return
	}
	d.unknown(name, found, "Give --api to look the probe up, or use tcp://.")
}

func (d *doctor) fail(name, found, advice string) { d.tell(step{name, statusFailed, found, advice}) }

// tell keeps a step, and prints it at once for those who watch.
func (d *doctor) tell(s step) {
	s.Found, s.Advice = printable(s.Found), printable(s.Advice)
	d.steps = append(d.steps, s)
	if d.json {
		return
	}
	s.print(d.out)
}

func (s step) print(w io.Writer) {
	fmt.Fprintf(w, "%-7s %-14s %s\n", s.Status, s.Name, s.Found)
	if s.Advice != "" {
		fmt.Fprintf(w, "%22s > %s\n", "", s.Advice)
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
