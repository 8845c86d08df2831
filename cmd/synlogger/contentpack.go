package main

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/cmd/internal/setup"
	"github.com/aimakerspace/synlogger/contentpack/installer"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

func newContentPack() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contentpack",
		Short: "Set up Graylog: inputs, streams and a dashboard",
		Long: `contentpack sets up Graylog 4.0 to 7 for a Synergos grid. Its content pack, "Synergos
Logs", has an input and a stream for each role, and a dashboard with a tab for each.

` + apiHelp + `

With --json, each command prints one JSON object on standard output, whatever
happens: "ok" reports whether it succeeded, "error" contains the reason if not.

Exit codes:
  0  success
  1  failure
  2  invalid command line
  3  diff found differences`,
		Example: `  synlogger contentpack install --wait 3m      when Graylog is starting; can be repeated
  synlogger contentpack verify                 check that everything runs
  synlogger contentpack diff                   show what install would change
  synlogger contentpack remove                 undo install
  synlogger contentpack print > synergos.json  for Graylog's page or its auto loader`,
		RunE: showHelp,
	}
	cmd.AddCommand(newPackPrint(), newPackInstall(), newPackVerify(), newPackDiff(), newPackRemove())
	return cmd
}

func newPackPrint() *cobra.Command {
	var pack packFlags
	cmd := &cobra.Command{
		Use:   "print",
		Short: "Print the content pack as JSON",
		Long: `print writes the content pack as JSON for Graylog to standard output. Upload it in
System, Content Packs, or save it in the server's content_packs_dir.

Graylog accepts each revision of a pack once. If you change the options, increase
--revision, unless you use 'synlogger contentpack install'.

Exit codes:
  0  the pack was printed
  1  it could not be written
  2  invalid command line`,
		Example: `  synlogger contentpack print > synergos.json
  synlogger contentpack print --bind 127.0.0.1 --port ttp=19300 --test-input`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := pack.pack(cmd)
			if err != nil {
				return err
			}
			text, err := p.MarshalJSON()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	pack.add(cmd)
	cmd.Flags().Bool("json", false, "print errors as JSON too")
	return cmd
}

func newPackInstall() *cobra.Command {
	var pack packFlags
	var server serverFlags
	var force, reset, types bool
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install the content pack on a server",
		Long: `install uploads and installs the pack, starts its streams, and waits until its inputs
run. The command is idempotent: you can run it at each start of Graylog, and beside
Graylog's own auto loader.

An existing installation is changed in place:
  - a missing input, stream or dashboard is created again
  - the inputs get the addresses, ports and TLS files of the options
  - a dashboard that nobody has changed is replaced by that of a newer revision
Streams keep their ids, so earlier records stay in them. What people have changed
otherwise is kept and reported. With --reset, the dashboard becomes the pack's own again.

install stops before it changes anything if the user lacks a permission, or if a port
belongs to an input outside the pack. It also stops in the following cases, unless
--force is given:
  - a missing stream or dashboard has the title of one outside the pack; with --force,
    both exist
  - a newer revision is installed; with --force, it is replaced
  - another program uploaded the same revision; with --force, that one is deleted

The first value of a field decides its type in the index, which loses later records with
another type. With --opensearch, install puts an index template into OpenSearch, and the
index stores every record. If you cannot reach OpenSearch, --field-types fixes the types
of the pack's own fields. Both rotate the index sets of the streams. OPENSEARCH_PASSWORD
and OPENSEARCH_USER (default: admin) log in.

The files of --tls-cert-file, --tls-key-file and --tls-client-ca-file are on the
machine of Graylog. If Graylog cannot read the certificate, it starts the input with
one that it generates and no sender trusts. install and verify report this.

Exit codes:
  0  the pack is installed
  1  it is not, or not all of its inputs run
  2  invalid command line`,
		Example: `  synlogger contentpack install
  synlogger contentpack install --wait 3m --url https://graylog.example --ca-file ca.pem
  synlogger contentpack install --port ttp=19300 \
      --tls-cert-file /etc/graylog/cert.pem --tls-key-file /etc/graylog/key.pem`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := pack.pack(cmd)
			if err != nil {
				return err
			}
			r, err := server.runner(cmd)
			if err != nil {
				return err
			}
			r.Client.Force, r.Client.Reset, r.Client.FieldTypes = force, reset, types
			return r.Install(cmd.Context(), p)
		},
	}
	pack.add(cmd)
	server.add(cmd)
	cmd.Flags().BoolVar(&force, "force", false, "install despite other streams, dashboards and revisions")
	cmd.Flags().BoolVar(&types, "field-types", false, "fix the types of the pack's fields; needs Graylog 6.0 or later")
	cmd.Flags().BoolVar(&reset, "reset", false, "replace a dashboard that people have changed by the pack's own")
	return cmd
}

func newPackVerify() *cobra.Command {
	var pack packFlags
	var server serverFlags
	var failures time.Duration
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that the installed content pack works",
		Long: `verify compares the server with the pack: each input runs at the address, port and TLS
files of the options, each stream has its rule and is not paused, and the dashboard
exists. It changes nothing. Use the options that you gave to install. What people have
changed otherwise is a note.

It also lists the records that the index has refused in the last day. These are lost.
For each cause, it shows the field, its type in the index and in the records, and the
loggers, as far as the server knows them. --failures sets how far back it looks.

A line begins with "failed" if records do not get where they belong, and with "note"
if they do.

Exit codes:
  0  no problem was found
  1  a problem was found, or the server could not be checked
  2  invalid command line`,
		Example: `  synlogger contentpack verify
  synlogger contentpack verify --failures 10m  has the index refused records since a repair?
  synlogger contentpack verify --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := pack.pack(cmd)
			if err != nil {
				return err
			}
			if err := checkFailures(failures); err != nil {
				return err
			}
			r, err := server.runner(cmd)
			if err != nil {
				return err
			}
			r.Client.FailuresWithin = failures
			if failures == 0 {
				r.Client.FailuresWithin = -1 // do not look
			}
			return r.Verify(cmd.Context(), p, failures)
		},
	}
	pack.add(cmd)
	server.add(cmd)
	addFailures(cmd, &failures)
	return cmd
}

func newPackDiff() *cobra.Command {
	var pack packFlags
	var server serverFlags
	cmd := &cobra.Command{
		Use:   "diff",
		Short: "Show what install would change",
		Long: `diff shows the steps that install would take, what prevents them, and how the
installed pack differs from the wanted one. It changes nothing.

Exit codes:
  0  there are no differences
  1  the server could not be checked, or something prevents install
  2  invalid command line
  3  there are differences`,
		Example: `  synlogger contentpack diff
  synlogger contentpack diff --port ttp=19300 --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := pack.pack(cmd)
			if err != nil {
				return err
			}
			r, err := server.runner(cmd)
			if err != nil {
				return err
			}
			return r.Diff(cmd.Context(), p)
		},
	}
	pack.add(cmd)
	server.add(cmd)
	return cmd
}

func newPackRemove() *cobra.Command {
	var server serverFlags
	cmd := &cobra.Command{
		Use:   "remove",
		Short: "Remove the content pack from a server",
		Long: `remove uninstalls the pack, whatever its options were, and deletes it from the list of
packs. It deletes the pack's inputs, streams and dashboard, and nothing else. All
records stay in the index. A pack of another program with the same id, such as the
Python package, stays too. With --opensearch, it also deletes the index template.

Exit codes:
  0  the pack is not on the server
  1  it could not be removed
  2  invalid command line`,
		Example: `  synlogger contentpack remove
  synlogger contentpack remove --url https://graylog.example --token-file token`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := server.runner(cmd)
			if err != nil {
				return err
			}
			return r.Remove(cmd.Context())
		},
	}
	server.add(cmd)
	return cmd
}

// Environment variables of the login to OpenSearch. Without a password, there is none.
const (
	envOpenSearchUser     = "OPENSEARCH_USER"
	envOpenSearchPassword = "OPENSEARCH_PASSWORD"
)

// serverFlags select the server of the content pack.
type serverFlags struct {
	api        graylog.Settings
	openSearch string
	caFile     string
	insecure   bool
	wait       time.Duration
	json       bool
}

func (f *serverFlags) add(cmd *cobra.Command) {
	addAPI(cmd, &f.api, "address of Graylog's page ($GRAYLOG_URL, or "+graylog.DefaultURL+")")
	flags := cmd.Flags()
	flags.StringVar(&f.openSearch, "opensearch", "",
		"address of OpenSearch, for the index template (password: $"+envOpenSearchPassword+")")
	flags.StringVar(&f.caFile, "ca-file", "", "PEM file of the authorities to trust for https (default: the system's)")
	flags.BoolVar(&f.insecure, "insecure", false,
		"trust any certificate: others on the network could read the password")
	flags.DurationVar(&f.wait, "wait", 0, "how long to wait for a server that is starting")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	completePEM(cmd, "ca-file")
}

// runner returns a runner for the server that the flags and the environment select.
func (f *serverFlags) runner(cmd *cobra.Command) (*setup.Runner, error) {
	if f.wait < 0 {
		return nil, usageError{fmt.Errorf("--wait %v: use a positive duration", f.wait)}
	}
	api, err := f.api.Config()
	if err != nil {
		return nil, err
	}
	if !api.HasLogin() {
		return nil, usageError{fmt.Errorf("no password for %s: set %s, or give --password-file, or use a token",
			api.User, graylog.EnvPassword)}
	}
	c := &installer.Client{
		URL:      api.URL,
		User:     api.User,
		Password: api.Password,
		Token:    api.Token,
		Wait:     f.wait,
	}
	if f.caFile != "" || f.insecure {
		trust := delivery.TLS{CAFile: f.caFile, Config: &tls.Config{InsecureSkipVerify: f.insecure}}
		if c.TLS, err = trust.ClientConfig(""); err != nil {
			return nil, err
		}
	}
	if f.openSearch != "" {
		c.OpenSearch = installer.OpenSearch{
			URL:      f.openSearch,
			User:     cmp.Or(os.Getenv(envOpenSearchUser), "admin"),
			Password: os.Getenv(envOpenSearchPassword),
			TLS:      c.TLS,
		}
	}
	return &setup.Runner{Client: c, Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr(), JSON: f.json}, nil
}
