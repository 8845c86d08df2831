package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// What the flags of the page make of a collector's options.
func TestPageFlags(t *testing.T) {
	for _, tt := range []struct {
		args, env, token string
		none             bool
		err              string
	}{
		{args: ""},
		{args: "--token 0123456789abcdef", token: "0123456789abcdef"},
		{env: "fedcba9876543210", token: "fedcba9876543210"},
		{args: "--token 0123456789abcdef", env: "fedcba9876543210", token: "0123456789abcdef"},
		{args: "--no-token", none: true},
		{args: "--no-token --token 0123456789abcdef", err: "give one of them"},
		{args: "--max-age -1s", err: "--max-age -1s"},
	} {
		t.Setenv(tokenEnv, tt.env)
		var flags listenFlags
		set := pflag.NewFlagSet("", pflag.ContinueOnError)
		flags.add(set)
		if err := set.Parse(append(strings.Fields(tt.args), "--max-records", "5")); err != nil {
			t.Fatal(err)
		}
		opts, err := flags.options(false)
		if tt.err != "" {
			if usage := (usageError{}); !errors.As(err, &usage) || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v, want %s", tt.args, err, tt.err)
			}
			continue
		}
		if err != nil || opts.Token != tt.token || opts.NoToken != tt.none || opts.MaxAge != 0*time.Second || opts.MaxRecords != 5 {
			t.Errorf("%s: %+v, %v", tt.args, opts, err)
		}
	}
}
