package main

import (
	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/handler"
)

// tlsFlags are the names of the flags that addTLS adds.
var tlsFlags = []string{"ca-file", "cert-file", "key-file", "server-name"}

// addTLS adds the flags for a server behind tls://.
func addTLS(cmd *cobra.Command, tls *handler.TLS) {
	f := cmd.Flags()
	f.StringVar(&tls.CAFile, "ca-file", "", "certificates, in PEM, of the authorities to trust")
	f.StringVar(&tls.CertFile, "cert-file", "", "the client's certificate, in PEM")
	f.StringVar(&tls.KeyFile, "key-file", "", "its key, in PEM")
	f.StringVar(&tls.ServerName, "server-name", "", "name that the server's certificate has to be for; the host, if it is not given")
	for _, name := range tlsFlags[:3] {
		must(cmd.MarkFlagFilename(name, "pem", "crt", "cer", "key"))
	}
}
