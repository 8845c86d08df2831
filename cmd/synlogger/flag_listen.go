package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
)

// envPageToken is the environment variable of the page's token.
const envPageToken = "SYNLOGGER_PAGE_TOKEN"

// listenFlags select the addresses of a collector and the records that it keeps.
type listenFlags struct {
	bind       string
	ports      string
	page       string
	inputs     []string
	dir        string
	maxRecords int64
	maxAge     time.Duration

	tokenFile string
	noToken   bool
}

func (f *listenFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.bind, "bind", "127.0.0.1", "address of the inputs; 0.0.0.0 accepts records from other hosts")
	flags.StringVar(&f.ports, "ports", "fixed",
		`"fixed" (9100 to 9400, 12201) or "auto" (free ports, also for the page)`)
	flags.StringVar(&f.page, "page", collector.DefaultPage, "address of the page and the REST API")
	flags.StringVar(&f.tokenFile, "token-file", "",
		"file with the token of the page, at least 16 characters (default: a random token)")
	flags.BoolVar(&f.noToken, "no-token", false, "let everyone who reaches the page read and delete records")
	flags.StringArrayVar(&f.inputs, "input", nil, `another address of an input: "TTP Logs=127.0.0.1:19300"; repeatable`)
	flags.StringVar(&f.dir, "dir", "", "directory that keeps the records (default: until the process ends)")
	flags.Int64Var(&f.maxRecords, "max-records", collector.DefaultMaxRecords, "number of records to keep, the newest")
	flags.DurationVar(&f.maxAge, "max-age", 0, "how long to keep records, such as 24h (default: no limit)")
	must(cmd.RegisterFlagCompletionFunc("ports",
		cobra.FixedCompletions([]cobra.Completion{"fixed", "auto"}, cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.MarkFlagFilename("token-file"))
	must(cmd.MarkFlagDirname("dir"))
}

// options translates the flags. The port of the page is chosen by --ports auto
// unless pageGiven is set.
func (f *listenFlags) options(pageGiven bool) (collector.Config, error) {
	opts := collector.Config{
		Inputs:     collector.RoleInputs(f.bind),
		Page:       f.page,
		Dir:        f.dir,
		MaxRecords: f.maxRecords,
		MaxAge:     f.maxAge,
		Token:      os.Getenv(envPageToken),
		NoToken:    f.noToken,
	}
	switch f.ports {
	case "fixed":
	case "auto":
		for i := range opts.Inputs {
			opts.Inputs[i].Addr = net.JoinHostPort(f.bind, "0")
		}
		if !pageGiven {
			opts.Page = "127.0.0.1:0"
		}
	default:
		return opts, usageError{fmt.Errorf(`--ports %q: use "fixed" or "auto"`, f.ports)}
	}
	if f.maxAge < 0 {
		return opts, usageError{fmt.Errorf("--max-age %v: use a positive duration", f.maxAge)}
	}
	if f.maxRecords < 1 {
		return opts, usageError{fmt.Errorf("--max-records %d: use a positive number", f.maxRecords)}
	}
	if f.noToken && f.tokenFile != "" {
		return opts, usageError{errors.New("--token-file and --no-token exclude each other: give one of them")}
	}
	if f.tokenFile != "" {
		token, err := os.ReadFile(f.tokenFile)
		if err != nil {
			return opts, usageError{fmt.Errorf("--token-file: %w", err)}
		}
		if opts.Token = string(bytes.TrimSpace(token)); opts.Token == "" {
			return opts, usageError{fmt.Errorf("--token-file: %s is empty", f.tokenFile)}
		}
	}
	if opts.Page != collector.PageOff {
		if err := checkAddr(opts.Page); err != nil {
			return opts, usageError{fmt.Errorf("--page %q: %w", f.page, err)}
		}
	}
	for _, arg := range f.inputs {
		if err := setInput(opts.Inputs, arg); err != nil {
			return opts, usageError{fmt.Errorf("--input %q: %w", arg, err)}
		}
	}
	return opts, nil
}

// checkAddr returns an error unless addr consists of a host and a port number.
func checkAddr(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("the port %q is not a number from 0 to 65535", port)
	}
	return nil
}

// setInput changes the address of the input that arg names.
func setInput(inputs []collector.Input, arg string) error {
	title, addr, ok := strings.Cut(arg, "=")
	if !ok {
		return errors.New(`write it as "TTP Logs=127.0.0.1:19300"`)
	}
	if err := checkAddr(addr); err != nil {
		return err
	}
	var titles []string
	for i := range inputs {
		if strings.EqualFold(inputs[i].Title, title) {
			inputs[i].Addr = addr
			return nil
		}
		titles = append(titles, inputs[i].Title)
	}
	return fmt.Errorf("unknown input %q: use %s", title, strings.Join(titles, ", "))
}
