package doctor

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A graylogServer looks the probe up in Graylog.
type graylogServer struct {
	*Doctor
	system struct {
		Processing bool `json:"is_processing"`
		Lifecycle  string
	}
	refusedBefore int // records that the index had refused before the probe was sent
}

// A stream is an element of /api/streams.
type stream struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Disabled bool   `json:"disabled"`
	Rules    []struct {
		Field    string `json:"field"`
		Value    string `json:"value"`
		Type     int    `json:"type"`
		Inverted bool   `json:"inverted"`
	} `json:"rules"`
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
		streams, ok, err := g.search(ctx, 300)
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

// search returns the ids of the probe's streams. It searches the last seconds, or
// all time until now if seconds is 0.
func (g *graylogServer) search(ctx context.Context, seconds int) (streams []string, ok bool, err error) {
	var answer struct {
		Messages []struct {
			Message struct {
				Probe   string   `json:"doctor_probe"`
				Streams []string `json:"streams"`
			} `json:"message"`
		} `json:"messages"`
	}
	err = g.api.get(ctx, "/api/search/universal/relative", url.Values{
		"query": {"doctor_probe:" + g.report.Probe},
		"range": {strconv.Itoa(seconds)},
		"limit": {"1"},
	}, true, &answer)
	for _, m := range answer.Messages {
		if m.Message.Probe == g.report.Probe {
			return m.Message.Streams, true, nil
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
	var answer struct {
		Streams []stream `json:"streams"`
	}
	if err := g.api.get(ctx, "/api/streams", nil, true, &answer); err != nil {
		g.fail(name, fmt.Sprintf("cannot list the streams: %v", err), "May the user read streams?")
		return
	}
	var titles []string
	var own *stream // the first stream with the role's title
	isIn := false
	for i, s := range answer.Streams {
		if slices.Contains(ids, s.ID) {
			titles = append(titles, s.Title)
			isIn = isIn || s.Title == g.opts.Role.Stream
		}
		if s.Title == g.opts.Role.Stream && own == nil {
			own = &answer.Streams[i]
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
func (g *graylogServer) whyNotInStream(own *stream) (wrong, advice string) {
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
		rules = append(rules, fmt.Sprintf("%s %s %q", r.Field, ruleType(r.Type, r.Inverted), r.Value))
	}
	return "has the rules: " + strings.Join(rules, "; "),
		fmt.Sprintf("It should have %s. Graylog applies a change after some seconds.", rule)
}

// ruleType names a type of rule (StreamRuleType of graylog2-server).
func ruleType(n int, inverted bool) string {
	names := []string{
		1: "is",
		2: "matches",
		3: "is greater than",
		4: "is smaller than",
		5: "is present",
		6: "contains",
		7: "matches always",
		8: "comes from the input",
	}
	text := fmt.Sprintf("has rule %d with", n)
	if n > 0 && n < len(names) {
		text = names[n]
	}
	if inverted {
		text = "not: " + text
	}
	return text
}

// whyNotStored looks for the reason why Graylog has not stored the probe.
func (g *graylogServer) whyNotStored(ctx context.Context) (found, advice string) {
	ctx, cancel := context.WithTimeout(ctx, g.opts.Timeout)
	defer cancel()
	if !g.system.Processing {
		return ": its message processing is paused", "Resume it in System, Nodes. The records wait in the journal."
	}
	if n, last := g.countRefused(ctx); n > g.refusedBefore {
		return fmt.Sprintf(": the index refused %d records meanwhile, the last because of: %s", n-g.refusedBefore, last),
			"See System, Overview, Indexer failures: a field may have another type in the index than in the records."
	}
	if found, advice := g.findInput(ctx); found != "" {
		return ": " + found, advice
	}
	if _, ok, _ := g.search(ctx, 0); ok || g.api.skew.Abs() > time.Minute {
		return fmt.Sprintf(" with the present time: its clock differs from this machine's by %v",
			g.api.skew.Round(time.Second)), "Synchronize both clocks, for example with NTP."
	}
	return "", "Does --server lead to the Graylog of --url, and not to another one or to a proxy? Its journal may be " +
		"behind: see System, Nodes, or wait longer with --timeout."
}
