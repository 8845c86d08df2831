// Package collect runs a collector for the commands collect and demo.
package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"text/tabwriter"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
)

// New returns a collector that prints its errors to stderr. If it cannot open an
// address, the error adds which flag selects another.
func New(opts collector.Config, stderr io.Writer) (*collector.Collector, error) {
	opts.OnError = func(err error) { fmt.Fprintln(stderr, "synlogger:", err) }
	c, err := collector.New(opts)
	if err != nil {
		return nil, withAdvice(err)
	}
	return c, nil
}

// Run runs a collector until the context ends. It prints the addresses at the
// beginning, and the number of records at the end.
func Run(ctx context.Context, opts collector.Config, stdout, stderr io.Writer) error {
	c, err := New(opts, stderr)
	if err != nil {
		return err
	}
	PrintInputs(stdout, c)
	fmt.Fprintln(stdout, "\nPress Ctrl-C to stop.")
	err = c.Run(ctx)
	stats := c.Stats()
	refused := int64(0)
	for _, n := range stats.Refused {
		refused += n
	}
	fmt.Fprintf(stdout, "\n%d frames received, %d records stored, %d refused.\n", stats.Received, stats.Stored, refused)
	if opts.Dir != "" {
		fmt.Fprintf(stdout, "%s contains %d records.\n", opts.Dir, stats.Records)
	}
	return err
}

// PrintInputs prints the addresses of the inputs and of the page.
func PrintInputs(w io.Writer, c *collector.Collector) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, in := range c.Inputs() {
		fmt.Fprintf(table, "%s\tGELF TCP and UDP\t%s\n", in.Title, in.Addr)
	}
	fmt.Fprintf(table, "Page and REST API\t\t%s\n", c.EntryURL())
	table.Flush()
}

// withAdvice adds to a [collector.ListenError] what to do about it.
func withAdvice(err error) error {
	var failed *collector.ListenError
	if !errors.As(err, &failed) {
		return err
	}
	portFlag := fmt.Sprintf(`--input "%s=HOST:PORT"`, failed.Title)
	bindFlag := "--bind or " + portFlag
	if failed.Title == "page" {
		portFlag = "--page HOST:PORT"
		bindFlag = portFlag
	}
	return fmt.Errorf("%w\n%s", err, advice(failed, bindFlag, portFlag))
}

func advice(failed *collector.ListenError, bindFlag, portFlag string) string {
	host, _, err := net.SplitHostPort(failed.Addr)
	if err != nil {
		host = failed.Addr
	}
	var dns *net.DNSError
	switch {
	case errors.Is(failed, syscall.EADDRINUSE):
		return fmt.Sprintf("Another program uses the port, perhaps another collector or Graylog. Stop that program, "+
			"choose another port with %s, or use free ports with --ports auto.", portFlag)
	case errors.Is(failed, syscall.EADDRNOTAVAIL):
		return fmt.Sprintf("This machine does not have the address %s. "+
			"Use one of its addresses with %s, or 0.0.0.0 for all of them.", host, bindFlag)
	case errors.As(failed, &dns):
		return fmt.Sprintf("The host %s has no address. Give an address of this machine with %s.", host, bindFlag)
	case errors.Is(failed, syscall.EACCES):
		return fmt.Sprintf("This user may not open the port. Ports below 1024 often require root. "+
			"Choose another port with %s.", portFlag)
	}
	return fmt.Sprintf("Choose another address with %s.", bindFlag)
}
