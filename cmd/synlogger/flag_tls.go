package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/delivery"
)

// tlsFlagNames are the flags of the connection to a server with tls://.
var tlsFlagNames = []string{"ca-file", "cert-file", "key-file", "server-name"}

// addTLS adds the flags of the connection to a server with tls://.
func addTLS(cmd *cobra.Command, tls *delivery.TLS) {
	flags := cmd.Flags()
	flags.StringVar(&tls.CAFile, "ca-file", "", "PEM file of the authorities to trust (default: the system's)")
	flags.StringVar(&tls.CertFile, "cert-file", "", "PEM file of the client's certificate, if the input asks for one")
	flags.StringVar(&tls.KeyFile, "key-file", "", "PEM file of the client's private key")
	flags.StringVar(&tls.ServerName, "server-name", "", "expected name in the server's certificate (default: the host)")
	completePEM(cmd, "ca-file", "cert-file", "key-file")
}

// completePEM completes the values of flags with the names of PEM files.
func completePEM(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		must(cmd.MarkFlagFilename(name, "pem", "crt", "cer", "key"))
	}
}

// checkPair returns an error if only one of --cert-file and --key-file is given.
func checkPair(tls delivery.TLS) error {
	if (tls.CertFile == "") != (tls.KeyFile == "") {
		return usageError{errors.New("--cert-file and --key-file belong together: give both")}
	}
	return nil
}
