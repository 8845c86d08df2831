package doctor

import (
	"context"
	"fmt"
	"strconv"
	"strings"
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
	var answer struct {
		States []struct {
			State string `json:"state"`
			Input struct {
				Title      string `json:"title"`
				Type       string `json:"type"`
				Attributes struct {
					Port int `json:"port"`
				} `json:"attributes"`
			} `json:"message_input"`
		} `json:"states"`
	}
	if err := g.api.get(ctx, "/api/system/inputstates", nil, true, &answer); err != nil {
		return "", ""
	}
	want := "GELFTCPInput"
	if g.scheme == "udp" {
		want = "GELFUDPInput"
	}
	for _, s := range answer.States {
		in := s.Input
		if strconv.Itoa(in.Attributes.Port) != g.port {
			continue
		}
		class := in.Type[strings.LastIndex(in.Type, ".")+1:]
		switch {
		case strings.Contains(class, "UDP") != (g.scheme == "udp"):
			continue // the same port of the other protocol
		case class != want:
			return fmt.Sprintf("the input %q on port %s is a %s", in.Title, g.port, class),
				"Records need an input of the type GELF TCP, or GELF UDP for udp://."
		case s.State != "RUNNING":
			return fmt.Sprintf("the input %q on port %s is %s", in.Title, g.port, strings.ToLower(s.State)),
				"Start it in System, Inputs."
		}
		return "", ""
	}
	return "this Graylog has no input on port " + g.port, fmt.Sprintf("Create an input of the type GELF TCP on this port. "+
		"If it exists, --server leads to another Graylog, or to a proxy with another port. The usual port of this role is %d.",
		g.opts.Role.Port)
}
