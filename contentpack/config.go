package contentpack

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/internal/graylog/version"
	"github.com/aimakerspace/synlogger/role"
)

// The input Test Logs is for experiments. Its records are in no role's stream,
// unless their logger has the prefix of a role.
const (
	TestInputTitle = "Test Logs"
	TestInputRole  = "Test" // its name in Config.Ports
	TestInputPort  = 12201
)

// Config configures a pack. The zero value is the usual pack.
type Config struct {
	// Bind is the IP address that the inputs listen at. (Default: 0.0.0.0, all
	// addresses of the server.)
	Bind string

	// Ports are TCP ports by the name of the role, such as "TTP": 19300. (Default:
	// the ports in package role.)
	Ports map[string]int

	// TLS configures all inputs. (Default: no TLS.)
	TLS TLS

	// TestInput adds the input Test Logs, which the original's pack has. (Default:
	// false, because no role uses it.)
	TestInput bool

	// EventAnnotations marks events of Graylog on the time axis of charts. The page of
	// Graylog 6.1.0 to 6.1.3 cannot draw such charts. (Default: false.)
	EventAnnotations bool

	// Summary, Vendor and URL are shown in Graylog's list of packs. (Default: the
	// texts of the original, and no URL.)
	Summary, Vendor, URL string

	// MinServer is the oldest version of Graylog that accepts the pack. With 3.3.0,
	// 3.3.11 accepts it. (Default: 4.0.0.)
	MinServer string

	// Revision is the revision of the pack. Raise it with each change of the
	// options if you upload packs yourself, because Graylog accepts each revision
	// once. Package installer does not need this. (Default: Revision.)
	Revision int
}

// TLS configures TLS of the inputs. The files are PEM files on the server. If
// Graylog 7 cannot read them, it starts the input with a certificate that it
// generates and no sender trusts, and only writes this to its log.
type TLS struct {
	Enable   bool
	CertFile string
	KeyFile  string // without a password, because the pack would contain it

	// ClientAuth is whether senders present a certificate. (Default:
	// ClientAuthDisabled.)
	ClientAuth ClientAuth

	// ClientCAs is a file or directory with the certificates of the authorities of
	// senders.
	ClientCAs string
}

// ClientAuth is whether senders present a certificate.
type ClientAuth string

// Values of ClientAuth.
const (
	ClientAuthDisabled ClientAuth = "disabled"
	ClientAuthOptional ClientAuth = "optional"
	ClientAuthRequired ClientAuth = "required"
)

// UnmarshalText parses disabled, optional or required.
func (a *ClientAuth) UnmarshalText(text []byte) error {
	switch value := ClientAuth(text); value {
	case ClientAuthDisabled, ClientAuthOptional, ClientAuthRequired:
		*a = value
		return nil
	}
	return fmt.Errorf("client authentication %q: use disabled, optional or required", text)
}

// complete returns the options with defaults for zero values.
func (o Config) complete() (Config, error) {
	o.Bind = cmp.Or(o.Bind, "0.0.0.0")
	o.Summary = cmp.Or(o.Summary, "Views for monitoring Synergos operations")
	o.Vendor = cmp.Or(o.Vendor, "AI Singapore @ synergos-ext@aisingapore.org")
	o.MinServer = cmp.Or(o.MinServer, "4.0.0")
	o.Revision = cmp.Or(o.Revision, Revision)
	if _, err := netip.ParseAddr(o.Bind); err != nil {
		return o, fmt.Errorf("option Bind %q: use an IP address, such as 0.0.0.0 or 127.0.0.1", o.Bind)
	}
	if _, err := version.Parse(o.MinServer); err != nil {
		return o, fmt.Errorf("option MinServer: %w", err)
	}
	if o.Revision < 1 {
		return o, fmt.Errorf("option Revision %d: use a positive number", o.Revision)
	}
	tls, err := o.TLS.complete()
	if err != nil {
		return o, fmt.Errorf("option TLS: %w", err)
	}
	o.TLS = tls
	ports, err := o.ports()
	o.Ports = ports
	return o, err
}

// ports returns the port of each input by the name of its role.
func (o Config) ports() (map[string]int, error) {
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
				return nil, fmt.Errorf("port of %s: set TestInput to add this input", name)
			}
			return nil, fmt.Errorf("port of %q: unknown role: use %s", name, strings.Join(names, ", "))
		}
		all[known] = o.Ports[name]
	}
	owner := map[int]string{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		port := all[name]
		if port < 1 || port > 65535 {
			return nil, fmt.Errorf("port %d of %s: use a port from 1 to 65535", port, name)
		}
		if owner[port] != "" {
			return nil, fmt.Errorf("port %d is used for %s and %s: use different ports", port, owner[port], name)
		}
		owner[port] = name
	}
	return all, nil
}

func (t TLS) complete() (TLS, error) {
	if err := t.ClientAuth.UnmarshalText([]byte(cmp.Or(t.ClientAuth, ClientAuthDisabled))); err != nil {
		return t, err
	}
	switch {
	case !t.Enable && t != TLS{ClientAuth: ClientAuthDisabled}:
		return t, errors.New("other fields are set: set Enable too")
	case t.Enable && (t.CertFile == "" || t.KeyFile == ""):
		return t, errors.New("set CertFile and KeyFile to files on the server")
	case t.ClientAuth == ClientAuthDisabled && t.ClientCAs != "":
		return t, errors.New("ClientCAs is set: set ClientAuth to optional or required too")
	case t.ClientAuth != ClientAuthDisabled && t.ClientCAs == "":
		return t, fmt.Errorf("client authentication %s: set ClientCAs too", t.ClientAuth)
	}
	return t, nil
}
