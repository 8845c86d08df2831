package graylog

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Types of GELF inputs.
const (
	GELFTCP = "org.graylog2.inputs.gelf.tcp.GELFTCPInput"
	GELFUDP = "org.graylog2.inputs.gelf.udp.GELFUDPInput"
)

// An Input is an input of the server.
type Input struct {
	ID         string         `json:"id"`
	Title      string         `json:"title"`
	Type       string         `json:"type"` // a Java class, such as GELFTCP
	Global     bool           `json:"global"`
	Node       *string        `json:"node"`       // nil if Global
	Attributes map[string]any `json:"attributes"` // of its configuration
}

// Class returns the last part of the type, such as GELFTCPInput.
func (in Input) Class() string { return in.Type[strings.LastIndex(in.Type, ".")+1:] }

// IsUDP reports whether the input receives UDP.
func (in Input) IsUDP() bool { return strings.Contains(in.Class(), "UDP") }

// Port returns the TCP or UDP port of the input, 0 if it has none.
func (in Input) Port() int {
	n, _ := strconv.Atoi(fmt.Sprint(in.Attributes["port"]))
	return n
}

// Bind returns the address that the input listens at, "" if it has none.
func (in Input) Bind() string {
	text, _ := in.Attributes["bind_address"].(string)
	return text
}

// An InputState is the state of an input on one node.
type InputState struct {
	ID      string `json:"id"`
	State   string `json:"state"` // RUNNING, STARTING, FAILED, STOPPED, …
	Started string `json:"started_at"`
	Detail  string `json:"detailed_message"`
	Input   Input  `json:"message_input"`
}

// Running reports whether the input receives messages.
func (s InputState) Running() bool { return s.State == "RUNNING" }

// Changing reports whether the state soon becomes another one by itself.
func (s InputState) Changing() bool {
	return slices.Contains([]string{"CREATED", "INITIALIZED", "STARTING", "STOPPING"}, s.State)
}

const inputsPath = "/api/system/inputs"

// Inputs returns all inputs.
func (c *Client) Inputs(ctx context.Context) ([]Input, error) {
	var answer struct {
		Inputs []Input `json:"inputs"`
	}
	err := c.Get(ctx, inputsPath, nil, &answer)
	return answer.Inputs, err
}

// request returns the body of a request that creates or changes the input.
func (in Input) request() map[string]any {
	return map[string]any{
		"title":         in.Title,
		"type":          in.Type,
		"global":        in.Global,
		"configuration": in.Attributes,
		"node":          in.Node,
	}
}

// CreateInput creates an input with in's title, type and attributes, and returns
// its id.
func (c *Client) CreateInput(ctx context.Context, in Input) (id string, err error) {
	var made struct{ ID string }
	err = c.Do(ctx, http.MethodPost, inputsPath, nil, in.request(), &made)
	return made.ID, err
}

// UpdateInput changes an input to in. If the input is running, it starts again, about a
// second later on Graylog 3.
func (c *Client) UpdateInput(ctx context.Context, in Input) error {
	return c.Do(ctx, http.MethodPut, inputsPath+"/"+in.ID, nil, in.request(), nil)
}

// DeleteInput deletes an input.
func (c *Client) DeleteInput(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, inputsPath+"/"+id, nil, nil, nil)
}

// InputStates returns the states of the inputs on the node that responds.
func (c *Client) InputStates(ctx context.Context) ([]InputState, error) {
	var answer struct {
		States []InputState `json:"states"`
	}
	err := c.Get(ctx, "/api/system/inputstates", nil, &answer)
	return answer.States, err
}

const clusterInputStatesPath = "/api/cluster/inputstates"

// ClusterInputStates returns the states of the inputs by node. A node that did
// not respond has a nil slice.
func (c *Client) ClusterInputStates(ctx context.Context) (map[string][]InputState, error) {
	var nodes map[string][]InputState
	err := c.Get(ctx, clusterInputStatesPath, nil, &nodes)
	return nodes, err
}

// StartInput starts an input on all nodes.
func (c *Client) StartInput(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodPut, clusterInputStatesPath+"/"+id, nil, nil, nil)
}

// StopInput stops an input on all nodes.
func (c *Client) StopInput(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, clusterInputStatesPath+"/"+id, nil, nil, nil)
}
