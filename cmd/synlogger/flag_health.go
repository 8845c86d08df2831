package main

import (
	"cmp"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/cmd/internal/health"
)

// healthHelp describes the variable of [addHealth] in the help of commands.
const healthHelp = "  " + health.EnvAddress + "            address where health checks are answered (--health)\n"

// addHealth adds the flag of the address of health checks.
func addHealth(cmd *cobra.Command, addr *string, usage string) {
	cmd.Flags().StringVar(addr, "health", "", usage)
	must(cmd.RegisterFlagCompletionFunc("health", cobra.NoFileCompletions))
}

// healthAddress returns the address of the flag, of the environment or the default. It
// may be "".
func healthAddress(flag, def string) (string, error) {
	name := "--health"
	if flag == "" {
		name = health.EnvAddress
	}
	addr := cmp.Or(flag, os.Getenv(health.EnvAddress), def)
	if addr == "" {
		return "", nil
	}
	if err := checkAddr(addr); err != nil {
		return "", usageError{fmt.Errorf("%s %q: %w: write it as HOST:PORT", name, addr, err)}
	}
	return addr, nil
}
