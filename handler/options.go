package handler

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	sloggraylog "github.com/samber/slog-graylog/v2"
)

// A Filter sees a whole record before it is encoded: what was bound with
// WithAttrs, in its groups, what the context gave, and the attributes of the
// call. It returns the record to go on with, and false to drop it. A filter
// may be called from several goroutines at once. The record is its own; add to
// it, or make another with [slog.NewRecord].
type Filter func(context.Context, slog.Record) (slog.Record, bool)

// A ContextFunc finds attributes in the context of a call.
type ContextFunc = func(context.Context) []slog.Attr

// Options say what a [Handler] writes and where to. The zero value sends
// records from Info on to a Graylog on this machine.
type Options struct {
	// Addr is the GELF input of Graylog: "tcp://host:port", "tls://host:port" or
	// "udp://host:port"; tcp, if there is no scheme. It defaults to
	// "tcp://127.0.0.1:12201", 12201 being the port for an Addr without one.
	Addr string

	// Host is the field source of the records in Graylog. It defaults to the
	// name of this host.
	Host string

	// Logger is the field logger of the records; none if it is "".
	Logger string

	// Level is the lowest level that is sent, Info if it is nil. It is asked
	// for each record, so that it can change; see [slog.LevelVar].
	Level slog.Leveler

	// AddSource adds the fields file, line and function, where the record was
	// logged.
	AddSource bool

	// AddProcess adds the fields pid and process_name.
	AddProcess bool

	// FilePath is the field file_path of each record that has no attribute
	// file_path of its own.
	FilePath string

	// ReplaceAttr is called for each attribute that is no group, as
	// [slog.HandlerOptions.ReplaceAttr] says. It can change the values of the
	// built-in attributes too, but not their names, which GELF gives. The
	// level's value may become a text, which then is the field level_name.
	ReplaceAttr func(groups []string, a slog.Attr) slog.Attr

	// AttrFromContext are functions that find attributes in the context of a
	// call, such as the ids of a trace. They stand outside of all groups, and
	// have the shape that slog-graylog has given them.
	AttrFromContext []ContextFunc

	// Converter, if there is one, makes the fields of a record instead of
	// the rules of this package for groups and ReplaceAttr. Each value of the
	// map that it returns is sent as one field: a map as its JSON text. Any
	// converter that was written for slog-graylog will do.
	Converter sloggraylog.Converter

	// Filters see each record, in this order.
	Filters []Filter

	// Censor lists keys whose values must not leave the process. It is applied
	// last, to what is about to be written: to attributes and groups, and to
	// keys within maps, slices, structs and JSON, at any depth. The value
	// becomes *CENSORED*, whatever it was.
	//
	//	password     the key, in any case and with any separators: Password,
	//	             PASS-WORD, "db.password", "password.old"
	//	db.password  the key password in a group, map or struct db, and the
	//	             keys "db.password" and db_password
	//	*_token      a pattern, with * for any text: access_token, AccessToken
	//	=Password    exactly this key
	//
	// [New] refuses keys of fields that each record needs, such as logger, level
	// and event.
	Censor []string

	// CensorValues are patterns of texts that must not leave the process, such
	// as [ValuePatternEmail]. They are applied to the message, to attributes of
	// any key, and to the texts within them; what they find becomes *CENSORED*.
	CensorValues []ValuePattern

	// Writer takes the frames as lines of JSON, one Write each, if it is not
	// nil. Nothing is sent then, and Addr and Delivery have no part.
	Writer io.Writer

	Delivery
}

// Delivery says how records get to Graylog. The zero value of each field
// stands for its default.
type Delivery struct {
	// Queue is the memory for records that wait to be sent, in bytes. It
	// defaults to 8 MiB.
	Queue int

	// Overflow says what becomes of a record for which the queue has no room.
	// By default it is dropped. The last quarter of the queue is kept for
	// records from Warn on.
	Overflow Overflow

	// BlockTimeout is how long a record waits for room with the policy Block. It
	// defaults to 1 s. The context of the call does not end the wait.
	BlockTimeout time.Duration

	// Redeliver is how many bytes of records are sent again on a new connection
	// although the server's kernel had them on the old one: what was in its
	// buffers is lost when the server crashes. It defaults to 0, and to 256 KiB
	// where the system does not tell what the other side has. It counts for the
	// Queue. A record that comes twice has the same seq.
	Redeliver int

	// SpoolDir, if it is set, is the directory for records that have waited for
	// half of the SpoolInterval, for which memory has no room, or which are not
	// sent at Close. They are sent first, in order, after a restart. One handler at
	// a time can use the directory: another one keeps its records in memory until
	// it can take over the directory and the records in it. This user or root must
	// own the directory, and it must not be writable for all.
	SpoolDir string

	// SpoolBytes is the most that SpoolDir may take on disk. It defaults to
	// 1 GiB.
	SpoolBytes int64

	// SpoolInterval is the longest time that a record which was not delivered is
	// in memory alone: a process that is killed loses no older one, also if the
	// disk is busy. It does not bound the time until the disk has synced the
	// record, which only a failure of the machine makes a difference to. It
	// defaults to 1 s.
	SpoolInterval time.Duration

	// FlushLevel is the level from which on Handle returns only when the record
	// has been sent, or when FlushTimeout has passed: the last record before the
	// process ends arrives. While the server cannot be reached, only the first
	// such record waits. nil, the default, means that no record waits.
	FlushLevel slog.Leveler

	// FlushTimeout bounds the wait of a record from FlushLevel on. It defaults to
	// 1 s. The first record of a connection takes at least 100 ms, after which the
	// server counts as one that accepts it.
	FlushTimeout time.Duration

	// TLS is for addresses with the scheme tls.
	TLS TLS

	// Compress is for addresses with the scheme udp. The default is gzip.
	Compress Compress

	// DialTimeout bounds one attempt to connect, of TLS too. It defaults to 5 s.
	DialTimeout time.Duration

	// WriteTimeout bounds one write of up to 64 KiB. It defaults to 10 s. A
	// server that has not read for so long is left for a new connection.
	WriteTimeout time.Duration

	// DeadAfter is how long written records may go unacknowledged by the
	// server's kernel until the connection is taken for dead. It defaults to
	// 20 s.
	DeadAfter time.Duration

	// IdleTimeout is how long a connection is kept with nothing to send. It
	// defaults to 50 s; load balancers cut idle connections after 60.
	IdleTimeout time.Duration

	// MinBackoff and MaxBackoff are the bounds of the pause before a further
	// attempt to connect, which doubles from one to the other and is drawn at
	// random below it. They default to 100 ms and 30 s.
	MinBackoff, MaxBackoff time.Duration

	// OnError is called with each error: connections that fail or break, records
	// that were dropped, callbacks that panic, and once for each key a [*KeyError]
	// about values that do not fit its field. It is called on a goroutine of its
	// own, one call at a time, and may log or take its time: up to 16 errors wait
	// for it, and further ones are counted in the next. By default the handler
	// writes a line to standard error, at most one in ten seconds, and one about
	// the records that Close dropped.
	OnError func(error)
}

// DefaultPort is the port of an address that has none: that of GELF.
const DefaultPort = 12201

// An address is a parsed Options.Addr.
type address struct{ network, host, port string }

func (a address) String() string { return a.network + "://" + a.hostPort() }

func (a address) hostPort() string { return net.JoinHostPort(a.host, a.port) }

// ParseAddr completes the address of a GELF input: it takes "host",
// "host:port" and either with a scheme in front, IPv6 addresses with or without
// brackets, and returns "scheme://host:port". "" stands for 127.0.0.1, no scheme for tcp.
func ParseAddr(addr string, defaultPort int) (string, error) {
	a, err := parseAddr(addr, defaultPort)
	if err != nil {
		return "", err
	}
	return a.String(), nil
}

func parseAddr(addr string, defaultPort int) (address, error) {
	bad := func(why string) (address, error) {
		return address{}, fmt.Errorf("handler: address %q: %s; it should look like tcp://graylog.example:%d", redact(addr), why, defaultPort)
	}
	a := address{"tcp", addr, strconv.Itoa(defaultPort)}
	if scheme, rest, ok := strings.Cut(addr, "://"); ok {
		a.network, a.host = strings.ToLower(scheme), strings.TrimSuffix(rest, "/")
	}
	switch a.network {
	case "tcp", "tls", "udp":
	default:
		return bad(fmt.Sprintf("unknown scheme %q", a.network))
	}
	if strings.Contains(a.host, "@") {
		return bad("remove the user and the password: GELF has neither")
	}
	if host, port, err := net.SplitHostPort(a.host); err == nil {
		a.host = host
		if port != "" {
			a.port = port
		}
	} else if strings.HasPrefix(a.host, "[") && strings.HasSuffix(a.host, "]") {
		a.host = a.host[1 : len(a.host)-1]
	} else if _, err := netip.ParseAddr(a.host); strings.Contains(a.host, ":") && err != nil {
		return bad("too many colons")
	}
	if a.host == "" {
		a.host = "127.0.0.1"
	}
	if n, err := strconv.Atoi(a.port); err != nil || n < 1 || n > 65535 {
		return bad(fmt.Sprintf("%q is not a port from 1 to 65535", a.port))
	}
	if _, err := netip.ParseAddr(a.host); err == nil { // perhaps of IPv6 with a zone, which no URL has
		return a, nil
	}
	if _, err := url.Parse("tcp://" + a.hostPort()); err != nil || strings.ContainsAny(a.host, "/?#@ \t") {
		return bad("invalid host name")
	}
	return a, nil
}

// redact returns an address without the user and password that it may contain.
func redact(addr string) string {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 {
		return addr
	}
	scheme, _, ok := strings.Cut(addr[:at], "://")
	if ok {
		scheme += "://"
	} else {
		scheme = ""
	}
	return scheme + "***" + addr[at:]
}

// maxNameText is the most that Host and Logger may have, in bytes: no frame is
// shortened there.
const maxNameText = 1000

func (o *Options) check() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf("handler: "+format, args...)) }
	for _, text := range []struct{ name, value string }{{"Host", o.Host}, {"Logger", o.Logger}} {
		if len(text.value) > maxNameText {
			add("%s has %d bytes: use at most %d", text.name, len(text.value), maxNameText)
		}
	}
	for i, f := range o.Filters {
		if f == nil {
			add("filter %d of %d is nil: remove it", i+1, len(o.Filters))
		}
	}
	for i, f := range o.AttrFromContext {
		if f == nil {
			add("AttrFromContext %d of %d is nil: remove it", i+1, len(o.AttrFromContext))
		}
	}
	if o.Queue < 0 {
		add("Queue is %d bytes: use a positive number, or 0 for 8 MiB", o.Queue)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"DialTimeout", o.DialTimeout}, {"WriteTimeout", o.WriteTimeout}, {"DeadAfter", o.DeadAfter}, {"IdleTimeout", o.IdleTimeout},
		{"BlockTimeout", o.BlockTimeout}, {"FlushTimeout", o.FlushTimeout}, {"SpoolInterval", o.SpoolInterval}, {"MinBackoff", o.MinBackoff}, {"MaxBackoff", o.MaxBackoff}} {
		if d.value < 0 {
			add("%s is %v: use a positive duration, or 0 for the default", d.name, d.value)
		}
	}
	if o.Redeliver < 0 {
		add("Redeliver is %d bytes: use a positive number, or 0", o.Redeliver)
	}
	if queue := cmp.Or(o.Queue, defaultQueue); o.Redeliver > queue/2 && o.Redeliver > 0 {
		add("Redeliver is %d bytes: use at most half of the Queue, which has %d", o.Redeliver, queue)
	}
	if o.Overflow < DropNewest || o.Overflow > Spool {
		add("Overflow is %d: use DropNewest, DropOldest, Block or Spool", o.Overflow)
	}
	if o.Overflow == Spool && o.SpoolDir == "" {
		add("Overflow is Spool, but there is no SpoolDir: set it")
	}
	if o.SpoolBytes < 0 {
		add("SpoolBytes is %d: use a positive number, or 0 for 1 GiB", o.SpoolBytes)
	}
	if o.Compress < Gzip || o.Compress > Uncompressed {
		add("Compress is %d: use Gzip, Zlib or Uncompressed", o.Compress)
	}
	if (o.TLS.CertFile == "") != (o.TLS.KeyFile == "") {
		add("CertFile is %q and KeyFile is %q: set both", o.TLS.CertFile, o.TLS.KeyFile)
	}
	if o.TLS.set() && o.Writer == nil && !strings.HasPrefix(strings.ToLower(o.Addr), "tls://") {
		add("TLS is set, but the address %q is not secured: use tls://", redact(o.Addr))
	}
	if o.MaxBackoff > 0 && o.MinBackoff > o.MaxBackoff {
		add("MinBackoff (%v) is above MaxBackoff (%v): swap them", o.MinBackoff, o.MaxBackoff)
	}
	return errors.Join(errs...)
}

const defaultQueue = 8 << 20

func (o *Options) setDefaults() {
	if blankAnyway(o.Host) {
		o.Host = hostname()
	}
	if o.Level == nil {
		o.Level = slog.LevelInfo
	}
	setDefault(&o.Queue, defaultQueue)
	setDefault(&o.Redeliver, min(defaultRedeliver, o.Queue/4))
	setDefault(&o.BlockTimeout, time.Second)
	setDefault(&o.FlushTimeout, time.Second)
	setDefault(&o.SpoolBytes, 1<<30)
	setDefault(&o.SpoolInterval, time.Second)
	setDefault(&o.DeadAfter, 20*time.Second)
	setDefault(&o.IdleTimeout, 50*time.Second)
	setDefault(&o.DialTimeout, 5*time.Second)
	setDefault(&o.WriteTimeout, 10*time.Second)
	setDefault(&o.MinBackoff, 100*time.Millisecond)
	setDefault(&o.MaxBackoff, max(30*time.Second, o.MinBackoff))
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// hostname returns the name of this host, which GELF wants to be there.
func hostname() string {
	name, err := os.Hostname()
	if err != nil || blankAnyway(name) {
		return "localhost"
	}
	return name
}
