package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/role"
)

// packFlags are the options of the content pack.
type packFlags struct {
	options contentpack.Config
	ports   []string
}

func (f *packFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	o := &f.options
	flags.StringVar(&o.Bind, "bind", "0.0.0.0", "IP address of the server on which the inputs listen")
	flags.StringArrayVar(&f.ports, "port", nil, `another port for a role, such as "ttp=19300"; repeatable`)
	flags.BoolVar(&o.TestInput, "test-input", false,
		fmt.Sprintf("add the input %s on port %d, or on that of --port test=PORT",
			contentpack.TestInputTitle, contentpack.TestInputPort))
	flags.BoolVar(&o.EventAnnotations, "event-annotations", false,
		"mark events in charts; the page of Graylog 6.1.0 to 6.1.3 cannot draw them")
	flags.StringVar(&o.TLS.CertFile, "tls-cert-file", "",
		"PEM file of the inputs' certificate, on the server; enables TLS")
	flags.StringVar(&o.TLS.KeyFile, "tls-key-file", "", "PEM file of the inputs' private key, on the server")
	flags.StringVar((*string)(&o.TLS.ClientAuth), "tls-client-auth", "",
		"whether senders present a certificate: disabled, optional or required")
	flags.StringVar(&o.TLS.ClientCAs, "tls-client-ca-file", "",
		"PEM file, or directory, of the authorities of senders, on the server")
	flags.StringVar(&o.MinServer, "min-server", "4.0.0",
		"oldest Graylog that accepts the pack; use 3.3.0 for Graylog 3.3")
	flags.IntVar(&o.Revision, "revision", contentpack.Revision, "revision of the pack")
	flags.StringVar(&o.Summary, "summary", "", "summary in Graylog's list of packs")
	flags.StringVar(&o.Vendor, "vendor", "", "vendor in Graylog's list of packs")
	flags.StringVar(&o.URL, "vendor-url", "", "link in Graylog's list of packs")
	must(cmd.RegisterFlagCompletionFunc("port", completePorts))
	must(cmd.RegisterFlagCompletionFunc("tls-client-auth", cobra.FixedCompletions(
		[]cobra.Completion{"disabled", "optional", "required"}, cobra.ShellCompDirectiveNoFileComp)))
}

// completePorts completes the role in the value of --port.
func completePorts(*cobra.Command, []string, string) (out []cobra.Completion, _ cobra.ShellCompDirective) {
	for _, name := range roleNames() {
		out = append(out, name+"=")
	}
	return out, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// pack returns the pack with the options. The error is about the command line.
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
		return p, usageError{err}
	}
	return p, nil
}

// roleNames returns the names of the roles as flags accept them.
func roleNames() (names []cobra.Completion) {
	for _, r := range role.All() {
		names = append(names, strings.ToLower(r.Name))
	}
	return names
}
