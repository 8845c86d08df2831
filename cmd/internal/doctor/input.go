package doctor

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aimakerspace/synlogger/internal/graylog"
)

// reportInput reports what is wrong with the input at the server's port, if
// anything.
func (g *graylogServer) reportInput(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, g.opts.Timeout)
	defer cancel()
	if found, advice := g.findInput(ctx); found != "" {
		g.fail("input", found, advice)
	}
}

// findInput returns what is wrong with the input at the server's port. It returns
// "" if nothing is wrong or the user may not read the inputs.
func (g *graylogServer) findInput(ctx context.Context) (found, advice string) {
	states, err := g.api.InputStates(ctx)
	if err != nil {
		return "", ""
	}
	udp := g.scheme == "udp"
	want := graylog.GELFTCP
	if udp {
		want = graylog.GELFUDP
	}
	for _, s := range states {
		in := s.Input
		if strconv.Itoa(in.Port()) != g.port || in.IsUDP() != udp {
			continue
		}
		switch {
		case in.Type != want:
			return fmt.Sprintf("the input %q on port %s is a %s", in.Title, g.port, in.Class()),
				"Records need an input of the type GELF TCP, or GELF UDP for udp://."
		case !s.Running():
			return fmt.Sprintf("the input %q on port %s is %s", in.Title, g.port, strings.ToLower(s.State)),
				"Start it in System, Inputs."
		}
		return "", ""
	}
	return "this Graylog has no input on port " + g.port,
		fmt.Sprintf("Create an input of the type GELF TCP on this port. If it exists, --server leads to another "+
			"Graylog, or to a proxy with another port. The usual port of this role is %d.", g.opts.Role.Port)
}
