package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestPageFlags checks the options of a collector that the flags of the page select.
func TestPageFlags(t *testing.T) {
	const token = "0123456789abcdef"
	file, empty := filepath.Join(t.TempDir(), "token"), filepath.Join(t.TempDir(), "empty")
	if err := errors.Join(os.WriteFile(file, []byte(token+"\n"), 0o600), os.WriteFile(empty, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args  string
		env   string
		token string
		none  bool
		err   string
	}{
		{args: ""},
		{args: "--token-file " + file, token: token},
		{env: "fedcba9876543210", token: "fedcba9876543210"},
		{args: "--token-file " + file, env: "fedcba9876543210", token: token},
		{args: "--no-token", none: true},
		{args: "--no-token --token-file " + file, err: "give one of them"},
		{args: "--token-file " + empty, err: "is empty"},
		{args: "--token-file " + file + "x", err: "no such file"},
		{args: "--max-age -1s", err: "--max-age -1s"},
	} {
		t.Setenv(envPageToken, tt.env)
		var flags listenFlags
		cmd := new(cobra.Command)
		flags.add(cmd)
		if err := cmd.ParseFlags(append(strings.Fields(tt.args), "--max-records", "5")); err != nil {
			t.Fatal(err)
		}
		opts, err := flags.options(false)
		if tt.err != "" {
			var usage usageError
			if !errors.As(err, &usage) || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v, want %s", tt.args, err, tt.err)
			}
			continue
		}
		if err != nil || opts.Token != tt.token || opts.NoToken != tt.none || opts.MaxAge != 0 || opts.MaxRecords != 5 {
			t.Errorf("%s: %+v, %v", tt.args, opts, err)
		}
	}
}
