package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog"
)

// A graylogServer looks the probe up in Graylog.
type graylogServer struct {
	*Doctor
	system        graylog.System
	refusedBefore int // records that the index had refused before the probe was sent
}

const pollInterval = 300 * time.Millisecond

// find waits until the probe is stored and reports its streams.
func (g *graylogServer) find(ctx context.Context) {
	const name = "search"
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, g.opts.Timeout)
	defer cancel()
	start := time.Now()
	for {
		streams, ok, err := g.search(ctx, 5*time.Minute)
		switch {
		case ok:
			g.ok(name, "Graylog stored the probe %v after it was sent", time.Since(start).Round(100*time.Millisecond))
			g.reportStreams(whole, streams)
			return
		case err != nil && ctx.Err() == nil:
			g.fail(name, fmt.Sprintf("the search failed: %v", err),
				"May the user search, and is the indexer (OpenSearch) running?")
			return
		}
		if !pause(ctx, pollInterval) {
			break
		}
	}
	found, advice := g.whyNotStored(whole)
	g.fail(name, fmt.Sprintf("Graylog did not store the probe within %v%s", g.opts.Timeout, found), advice)
}

// search returns the ids of the probe's streams. It searches the time within before
// now, or all time before now if that is 0.
func (g *graylogServer) search(ctx context.Context, within time.Duration) (streams []string, ok bool, err error) {
	type message struct {
		Probe   string   `json:"doctor_probe"`
		Streams []string `json:"streams"`
	}
	messages, _, err := graylog.Find[message](ctx, g.api, graylog.Search{
		Query: "doctor_probe:" + g.report.Probe,
		Range: within,
		Limit: 1,
	})
	for _, m := range messages {
		if m.Probe == g.report.Probe {
			return m.Streams, true, nil
		}
	}
	return nil, false, err
}

// reportStreams reports the probe's streams, given by id, and why the role's
// stream is not one of them.
func (g *graylogServer) reportStreams(ctx context.Context, ids []string) {
	const name = "stream"
	ctx, cancel := context.WithTimeout(ctx, g.opts.Timeout)
	defer cancel()
	streams, err := g.api.Streams(ctx)
	if err != nil {
		g.fail(name, fmt.Sprintf("cannot list the streams: %v", err), "May the user read streams?")
		return
	}
	var titles []string
	var own *graylog.Stream // the first stream with the role's title
	isIn := false
	for i, s := range streams {
		if slices.Contains(ids, s.ID) {
			titles = append(titles, s.Title)
			isIn = isIn || s.Title == g.opts.Role.Stream
		}
		if s.Title == g.opts.Role.Stream && own == nil {
			own = &streams[i]
		}
	}
	found := "the probe is in " + strings.Join(titles, " and ")
	if len(titles) == 0 {
		found = "the probe is in no stream"
	}
	if isIn {
		g.ok(name, "%s", found)
		return
	}
	wrong, advice := g.whyNotInStream(own)
	g.fail(name, fmt.Sprintf("%s, not in %s, which %s", found, g.opts.Role.Stream, wrong), advice)
}

// whyNotInStream returns why the role's stream does not contain the probe. The
// stream is nil if Graylog does not have it.
func (g *graylogServer) whyNotInStream(own *graylog.Stream) (wrong, advice string) {
	rule := "one rule: the field logger contains " + g.opts.Role.Prefix
	switch {
	case own == nil:
		return "does not exist", fmt.Sprintf("Create a stream with this title and %s, and start it.", rule)
	case own.Disabled:
		return "is paused", "Start it in Streams. Earlier records will not be added to it."
	case len(own.Rules) == 0:
		return "has no rule", fmt.Sprintf("Give it %s.", rule)
	}
	var rules []string
	for _, r := range own.Rules {
		rules = append(rules, describeRule(r))
	}
	return "has the rules: " + strings.Join(rules, "; "),
		fmt.Sprintf("It should have %s. Graylog applies a change after some seconds.", rule)
}

// describeRule returns a rule in words.
func describeRule(r graylog.StreamRule) string {
	verb, ok := map[graylog.RuleType]string{
		graylog.RuleExact:       "is",
		graylog.RuleRegex:       "matches",
		graylog.RuleGreater:     "is greater than",
		graylog.RuleSmaller:     "is smaller than",
		graylog.RulePresence:    "is present",
		graylog.RuleContains:    "contains",
		graylog.RuleAlwaysMatch: "matches always",
		graylog.RuleMatchInput:  "comes from the input",
	}[r.Type]
	if !ok {
		verb = fmt.Sprintf("has a rule of the type %v with", r.Type)
	}
	if r.Inverted {
		verb = "not: " + verb
	}
	return fmt.Sprintf("%s %s %q", r.Field, verb, r.Value)
}

// whyNotStored looks for the reason why Graylog has not stored the probe.
func (g *graylogServer) whyNotStored(ctx context.Context) (found, advice string) {
	ctx, cancel := context.WithTimeout(ctx, g.opts.Timeout)
	defer cancel()
	if !g.system.Processing {
		return ": its message processing is paused", "Resume it in System, Nodes. The records wait in the journal."
	}
	if n, last := g.countRefused(ctx); n > g.refusedBefore {
		return fmt.Sprintf(": the index refused %d records meanwhile, the last because of: %s",
				n-g.refusedBefore, last),
			"See System, Overview, Indexer failures: a field may have another type in the index than in the records."
	}
	if found, advice := g.findInput(ctx); found != "" {
		return ": " + found, advice
	}
	if _, ok, _ := g.search(ctx, 0); ok || g.api.ClockSkew().Abs() > time.Minute {
		return fmt.Sprintf(" with the present time: its clock differs from this machine's by %v",
			g.api.ClockSkew()), "Synchronize both clocks, for example with NTP."
	}
	return "", "Does --server lead to the Graylog of --url, and not to another one or to a proxy? " +
		"Its journal may be behind: see System, Nodes, or wait longer with --timeout."
}
