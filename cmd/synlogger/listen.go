package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
)

// listenFlags are the flags that say where a collector listens and what it
// keeps.
type listenFlags struct {
	host   string
	ports  string
	page   string
	inputs []string
	dir    string
	max    int64
	age    time.Duration

	token   string
	noToken bool
}

func (f *listenFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.host, "host", "127.0.0.1", "address of the inputs; 0.0.0.0 lets other hosts log too")
	flags.StringVar(&f.ports, "ports", "fixed", `"fixed": the ports of the roles (9100, 9200, 9300, 9400) and 12201; "auto": free ones, for the page too`)
	flags.StringVar(&f.page, "page", collector.DefaultPage, "address of the page and the REST API; one that is not of this machine alone asks for a token, which is printed")
	flags.StringVar(&f.token, "token", "", "token for the page, instead of a random one (16 characters or more); "+tokenEnv+" keeps it out of the list of processes")
	flags.BoolVar(&f.noToken, "no-token", false, "ask for no token: everyone who reaches the page's address reads all records, and may delete them")
	flags.StringArrayVar(&f.inputs, "input", nil, `another address for one input, as "TTP Logs=127.0.0.1:19300"; may be repeated`)
	flags.StringVar(&f.dir, "dir", "", "directory that keeps the records; without it they end with the process")
	flags.Int64Var(&f.max, "max-records", collector.DefaultMaxRecords, "how many records are kept, the newest")
	flags.DurationVar(&f.age, "max-age", 0, "how long records are kept, such as 24h; 0 is no limit")
}

// tokenEnv is the environment variable that has the token of the page.
const tokenEnv = "SYNLOGGER_PAGE_TOKEN"

// options translates the flags. Whether --page was given decides if --ports
// auto is about the page too.
func (f *listenFlags) options(pageGiven bool) (collector.Options, error) {
	opts := collector.Options{Inputs: collector.RoleInputs(f.host), Page: f.page, Dir: f.dir, MaxRecords: f.max, MaxAge: f.age,
		Token: cmp.Or(f.token, os.Getenv(tokenEnv)), NoToken: f.noToken}
	if f.age < 0 {
		return opts, usageError{fmt.Errorf("--max-age %v: use a positive duration", f.age)}
	}
	if f.noToken && f.token != "" {
		return opts, usageError{errors.New("--token and --no-token: give one of them")}
	}
	if f.max < 1 {
		return opts, usageError{fmt.Errorf("--max-records %d: use a positive number", f.max)}
	}
	switch f.ports {
	case "fixed":
	case "auto":
		for i := range opts.Inputs {
			opts.Inputs[i].Addr = net.JoinHostPort(f.host, "0")
		}
		if !pageGiven {
			opts.Page = "127.0.0.1:0"
		}
	default:
		return opts, usageError{fmt.Errorf(`--ports %q: use "fixed" or "auto"`, f.ports)}
	}
	if err := checkAddr(opts.Page); err != nil && opts.Page != collector.PageOff {
		return opts, usageError{fmt.Errorf("--page %q: %w", f.page, err)}
	}
	for _, arg := range f.inputs {
		if err := setInput(opts.Inputs, arg); err != nil {
			return opts, usageError{err}
		}
	}
	return opts, nil
}

// checkAddr returns an error unless addr is a host and the number of a port.
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

// setInput gives the input that arg names another address.
func setInput(inputs []collector.Input, arg string) error {
	title, addr, ok := strings.Cut(arg, "=")
	if !ok {
		return fmt.Errorf(`--input %q: write it as "TTP Logs=127.0.0.1:19300"`, arg)
	}
	if err := checkAddr(addr); err != nil {
		return fmt.Errorf("--input %q: %w", arg, err)
	}
	var titles []string
	for i := range inputs {
		if strings.EqualFold(inputs[i].Title, title) {
			inputs[i].Addr = addr
			return nil
		}
		titles = append(titles, inputs[i].Title)
	}
	return fmt.Errorf("--input %q: there is no such input: use one of %s", arg, strings.Join(titles, ", "))
}

// explain says why an address could not be opened, and which flag chooses
// another.
func explain(err error) error {
	var failed *collector.ListenError
	if !errors.As(err, &failed) {
		return err
	}
	flag := fmt.Sprintf(`--input "%s=HOST:PORT"`, failed.Title)
	if failed.Title == "page" {
		flag = "--page HOST:PORT"
	}
	host, port, splitErr := net.SplitHostPort(failed.Addr)
	if splitErr != nil {
		host, port = "", failed.Addr
	}
	hostFlag := "--host or " + flag
	if failed.Title == "page" {
		hostFlag = flag
	}
	var advice string
	switch dns := new(net.DNSError); {
	case errors.Is(err, syscall.EADDRINUSE):
		advice = fmt.Sprintf("Another program has the port, perhaps another collector or Graylog. End that program, "+
			"choose another port with %s, or let the system choose with --ports auto.", flag)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		advice = fmt.Sprintf("This machine does not have the address %s. "+
			"Use one of this machine's addresses with %s, or 0.0.0.0 for all of them.", host, hostFlag)
	case errors.As(err, &dns):
		advice = fmt.Sprintf("The host %s has no address. Give an address of this machine with %s.", host, hostFlag)
	case errors.Is(err, syscall.EACCES):
		advice = fmt.Sprintf("This user must not open the port; those below 1024 often belong to root. "+
			"Choose another port with %s.", flag)
	default:
		advice = fmt.Sprintf("Choose another address with %s.", hostFlag)
	}
	return fmt.Errorf("port %s (%s) cannot be opened on %s %s: %w\n%s",
		port, failed.Title, failed.Network, failed.Addr, rootCause(err), advice)
}

func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
