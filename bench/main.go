// Command bench compares synlogger's handler with other logging packages. It measures the call
// alone, and the way of a record to a server in another process.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"time"
)

const usage = `Bench compares synlogger with other logging packages.

Usage:
  bench [run] [flags]   measure, and print Markdown tables
  bench check           exit with status 1 if the handler allocates, or if it
                        delivers less than twice the records of go-gelf v2 or
                        slog-graylog
  bench serve, send     run by the other commands, in processes of their own

Examples:
  bench -passes 9 -duration 3s
  bench -front=false -faults=false
  bench -svg docs/bench

Flags of run:
`

func main() {
	args, command := os.Args[1:], "run"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		command, args = args[0], args[1:]
	}
	commands := map[string]func([]string) error{"run": run, "check": check, "serve": serve, "send": send}
	f, ok := commands[command]
	if !ok {
		fmt.Fprintf(os.Stderr, "bench: unknown command %q: run bench -h\n", command)
		os.Exit(2)
	}
	if err := f(args); errors.Is(err, flag.ErrHelp) {
		return
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("bench run", flag.ContinueOnError)
	passes := flags.Int("passes", 5, "number of interleaved `passes`")
	duration := flags.Duration("duration", 2*time.Second, "`time` of each measurement end to end")
	front := flags.Bool("front", true, "measure the call alone")
	end := flags.Bool("end", true, "measure end to end")
	faults := flags.Bool("faults", true, "measure with an outage, and with a server that does not read")
	svg := flags.String("svg", "", "write `prefix`-light.svg and prefix-dark.svg")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || *passes < 1 || *duration <= 0 {
		return errors.New("run takes no arguments, and -passes and -duration must be positive: run bench -h")
	}
	printMachine()
	if *front {
		printFrontEnd(measureFrontEnd(*passes, 100*time.Millisecond))
	}
	if *end {
		rows, err := measureEndToEnd(*passes, scenarios(*duration)[:2])
		if err != nil {
			return err
		}
		printEndToEnd(rows)
		if *svg != "" {
			if err := writeSVG(*svg, rows[0]); err != nil {
				return err
			}
		}
	}
	if *faults {
		rows, err := measureEndToEnd(1, scenarios(*duration)[2:])
		if err != nil {
			return err
		}
		printEndToEnd(rows)
	}
	return nil
}
