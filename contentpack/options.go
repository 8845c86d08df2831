package contentpack

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/role"
)

// The input Test Logs is for trials. No stream picks up what comes to it,
// unless its logger is one of a role.
const (
	TestInputTitle = "Test Logs"
	TestInputRole  = "Test" // its name in Options.Ports
	TestInputPort  = 12201
)

// Options say in what a pack differs from the usual one. The zero value is the
// usual one.
type Options struct {
	// Bind is the IP address at which the inputs listen. "" means 0.0.0.0, all
	// addresses of the server.
	Bind string

	// Ports are TCP ports by the name of the role, "TTP": 19300, where they are
	// not those of package role.
	Ports map[string]int

	// TLS is about all inputs.
	TLS TLS

	// TestInput adds the input Test Logs, which the original's pack has: a
	// fifth open port that nothing of a grid uses.
	TestInput bool

	// Summary, Vendor and URL are shown in Graylog's list of packs. "" means
	// the texts of the original.
	Summary, Vendor, URL string

	// MinServer is the oldest version of Graylog that takes the pack. "" means
	// 4.0.0, the oldest that it was made for; 3.3.11 is known to take it, too.
	MinServer string

	// Revision is for those who hand packs of changed options to Graylog
	// themselves, which takes each revision once: raise it with each change. 0
	// means [Revision]. [Client.Install] needs no other.
	Revision int
}

// TLS of an input. The files are those of the server, in PEM. Where it cannot
// read them, Graylog 7 starts the input with a certificate of its own making,
// which no sender trusts, and tells only its log.
type TLS struct {
	Enable   bool
	CertFile string
	KeyFile  string // without a password, as that would stand in the pack

	// ClientAuth says whether senders have to show a certificate: "disabled",
	// "optional" or "required". "" means disabled. ClientCAs is the file or
	// directory of the certificates that are trusted for it.
	ClientAuth string
	ClientCAs  string
}

// complete returns the options with the defaults in place of zero values.
func (o Options) complete() (Options, error) {
	o.Bind = or(o.Bind, "0.0.0.0")
	o.Summary = or(o.Summary, "Views for monitoring Synergos operations")
	o.Vendor = or(o.Vendor, "AI Singapore @ synergos-ext@aisingapore.org")
	o.MinServer = or(o.MinServer, "4.0.0")
	if o.Revision == 0 {
		o.Revision = Revision
	}
	if _, err := netip.ParseAddr(o.Bind); err != nil {
		return o, fmt.Errorf("bind address %q: write an IP address, such as 0.0.0.0 or 127.0.0.1", o.Bind)
	}
	if _, err := parseVersion(o.MinServer); err != nil {
		return o, fmt.Errorf("oldest server: %w", err)
	}
	if o.Revision < 1 {
		return o, fmt.Errorf("revision %d: use a positive number", o.Revision)
	}
	tls, err := o.TLS.complete()
	if err != nil {
		return o, fmt.Errorf("TLS: %w", err)
	}
	o.TLS = tls
	ports, err := o.ports()
	o.Ports = ports
	return o, err
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// ports returns the port of every input by the name of its role.
func (o Options) ports() (map[string]int, error) {
	all := map[string]int{}
	for _, r := range role.All() {
		all[r.Name] = r.Port
	}
	names := slices.Sorted(maps.Keys(all))
	if o.TestInput {
		all[TestInputRole] = TestInputPort
	}
	for _, name := range slices.Sorted(maps.Keys(o.Ports)) {
		known := name
		if r, err := role.Lookup(name); err == nil {
			known = r.Name
		}
		if _, ok := all[known]; !ok {
			if name == TestInputRole {
				return nil, fmt.Errorf("port of %s: the pack has this input only with TestInput", name)
			}
			return nil, fmt.Errorf("port of %q: unknown role: use %s", name, strings.Join(names, ", "))
		}
		all[known] = o.Ports[name]
	}
	owner := map[int]string{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		port := all[name]
		if port < 1 || port > 65535 {
			return nil, fmt.Errorf("port %d of %s: use one from 1 to 65535", port, name)
		}
		if owner[port] != "" {
			return nil, fmt.Errorf("port %d is given to %s and to %s: each input needs one of its own", port, owner[port], name)
		}
		owner[port] = name
	}
	return all, nil
}

func (t TLS) complete() (TLS, error) {
	t.ClientAuth = or(t.ClientAuth, "disabled")
	switch {
	case !slices.Contains([]string{"disabled", "optional", "required"}, t.ClientAuth):
		return t, fmt.Errorf(`client authentication %q: use "disabled", "optional" or "required"`, t.ClientAuth)
	case !t.Enable && t != TLS{ClientAuth: "disabled"}:
		return t, fmt.Errorf("it is not enabled, but something is set for it")
	case t.Enable && (t.CertFile == "" || t.KeyFile == ""):
		// Graylog would make itself a certificate, which no sender trusts.
		return t, fmt.Errorf("name the files of the certificate and of its key, as the server sees them")
	case t.ClientAuth == "disabled" && t.ClientCAs != "":
		return t, fmt.Errorf("certificates to trust are of use with client authentication optional or required")
	case t.ClientAuth != "disabled" && t.ClientCAs == "":
		return t, fmt.Errorf("client authentication %s needs the certificates to trust", t.ClientAuth)
	}
	return t, nil
}
