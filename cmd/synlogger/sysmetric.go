package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/cmd/internal/agent"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/role"
	"github.com/aimakerspace/synlogger/sysmetric"
)

// sysmetricFlags select what the agent reports, and to which server.
type sysmetricFlags struct {
	server, name string
	every        time.Duration
	once, print  bool
	health       string
	target       sysmetric.Target
	spoolDir     string
	tls          delivery.TLS
}

func newSysmetric() *cobra.Command {
	var flags sysmetricFlags
	cmd := &cobra.Command{
		Use:   "sysmetric [KEY=VALUE ...]",
		Short: "Report this host's metrics to Graylog",
		Long: `sysmetric logs the cores, memory, disks and network of this host, and their use,
through the Sysmetric role: at once, and then at the interval of --every, until Ctrl-C
or SIGTERM. It is the agent for hosts whose own programs are not in Go. Each KEY=VALUE
becomes a text field of its records.

With --spool-dir, records that cannot be sent are kept in a directory until the next
start. Give each process its own directory. If another process uses the directory,
sysmetric reports an error and keeps records in memory until the directory is free.

With --health, 'synlogger healthcheck' can ask whether the agent works. Use an
address of the loopback interface, such as 127.0.0.1:9110: there is no authentication.

Exit codes:
  0   no record was lost; with --spool-dir, the next start sends the rest
  1   records were lost, or --health could not be opened
  2   invalid command line
  4   --once sent its record over UDP, which has no acknowledgments
  42  the tracker had already ended when it was to be stopped

Environment, which flags override, with the defaults in brackets:
` + variableHelp(role.Variables()) +
			healthHelp +
			"  HOST_PROC, HOST_SYS         where /proc and /sys of another host are mounted, for a container",
		Example: `  synlogger sysmetric --server graylog.example --name hospital-1
  synlogger sysmetric --server tls://graylog.example --ca-file ca.pem --spool-dir /var/lib/synlogger
  synlogger sysmetric --every 10s site=north rack=7
  synlogger sysmetric --once --print                  print one record`,
		Args: func(_ *cobra.Command, args []string) error {
			_, err := parseAttrs(args)
			return err
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, args []string) error { return flags.run(cmd, args) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.server, "server", "",
		"address of the input: [tcp://|tls://|udp://]HOST[:PORT] (default: this machine, port 9100)")
	f.StringVar(&flags.name, "name", "", "name of the logger, behind SYS_ (default: the host name)")
	f.DurationVar(&flags.every, "every", time.Second, "time between two reports")
	f.BoolVar(&flags.once, "once", false, "report once, measured over "+agent.OnceWindow.String()+", and exit")
	f.BoolVar(&flags.print, "print", false, "print the records as lines of JSON instead of sending them")
	f.StringVar(&flags.target.Path, "path", "", "field ID_path: the file that the host is tracked for")
	f.StringVar(&flags.target.Class, "class", "", "field ID_class")
	f.StringVar(&flags.target.Function, "function", "", "field ID_function")
	f.StringVar(&flags.spoolDir, "spool-dir", "",
		"directory for records that cannot be sent yet (default: memory only)")
	addHealth(cmd, &flags.health, "address that answers health checks, such as 127.0.0.1:9110")
	addTLS(cmd, &flags.tls)
	must(cmd.MarkFlagDirname("spool-dir"))
	return cmd
}

func (f *sysmetricFlags) run(cmd *cobra.Command, args []string) error {
	if f.every <= 0 {
		return usageError{fmt.Errorf("--every %v: use a positive duration, such as 1s", f.every)}
	}
	if f.once && f.health != "" {
		return usageError{errors.New("--health has no effect with --once: remove one of them")}
	}
	healthAddr, err := healthAddress(f.health, "")
	if err != nil {
		return err
	}
	attrs, err := parseAttrs(args)
	if err != nil {
		return err
	}
	cfg, err := f.config(cmd)
	if err != nil {
		return usageError{err}
	}
	a, err := agent.New(cfg, agent.Config{
		Interval: f.every,
		Once:     f.once,
		Health:   healthAddr,
		Target:   f.target,
		Attrs:    attrs,
		Stderr:   cmd.ErrOrStderr(),
	})
	if err != nil {
		return usageError{err}
	}
	return a.Run(cmd.Context())
}

// config returns the configuration of the environment, overridden by the flags.
func (f *sysmetricFlags) config(cmd *cobra.Command) (role.Config, error) {
	cfg, err := role.ConfigFromEnv()
	if err != nil {
		return cfg, err
	}
	for flag, field := range map[string]*string{
		"server":      &cfg.Server,
		"name":        &cfg.Name,
		"spool-dir":   &cfg.Delivery.SpoolDir,
		"ca-file":     &cfg.Delivery.TLS.CAFile,
		"cert-file":   &cfg.Delivery.TLS.CertFile,
		"key-file":    &cfg.Delivery.TLS.KeyFile,
		"server-name": &cfg.Delivery.TLS.ServerName,
	} {
		if cmd.Flags().Changed(flag) {
			*field = cmd.Flag(flag).Value.String()
		}
	}
	if f.print {
		cfg.Variant, cfg.Writer = role.VariantBasic, cmd.OutOrStdout()
	}
	return cfg, nil
}

// variableHelp lists environment variables for a help text.
func variableHelp(variables []handler.Variable) string {
	var b strings.Builder
	for _, v := range variables {
		fmt.Fprintf(&b, "  %-26s  %s", v.Name, v.Usage)
		if v.Default != "" {
			fmt.Fprintf(&b, " [%s]", v.Default)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// parseAttrs translates KEY=VALUE. The values are texts, because Graylog loses a
// record whose field has another type than in earlier records.
func parseAttrs(args []string) (attrs []slog.Attr, err error) {
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok || key == "" {
			return nil, usageError{fmt.Errorf("%q is not an attribute: write it as KEY=VALUE", arg)}
		}
		attrs = append(attrs, slog.String(key, value))
	}
	return attrs, nil
}
