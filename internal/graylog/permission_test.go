package graylog

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
)

func TestImply(t *testing.T) {
	for _, tc := range []struct {
		granted Permissions
		wanted  string
		want    bool
	}{
		{nil, "streams:create", false},
		{Permissions{"*"}, "streams:create", true},
		{Permissions{"streams:create"}, "streams:create", true},
		{Permissions{"streams:edit", "streams:create"}, "streams:create", true},
		{Permissions{"streams"}, "streams:create", true},
		{Permissions{"streams:*"}, "streams:create", true},
		{Permissions{"streams:read,create"}, "streams:create", true},
		{Permissions{"streams:read"}, "streams:create", false},
		{Permissions{"streams:edit:1"}, "streams:edit", false},
		{Permissions{"streams:edit:*"}, "streams:edit", true},
		{Permissions{"streams:edit"}, "streams:edit:1", true},
		{Permissions{"inputs:create"}, "streams:create", false},
	} {
		if got := tc.granted.Imply(tc.wanted); got != tc.want {
			t.Errorf("%q: Imply(%s) = %v", tc.granted, tc.wanted, got)
		}
	}
}

func TestPermissions(t *testing.T) {
	whose := "alice"
	web := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api/system/sessions":
			fmt.Fprintf(w, `{"is_valid":true,"username":%q}`, whose)
		case "/api/users/alice":
			fmt.Fprint(w, `{"permissions":["streams:read"]}`)
		default:
			w.WriteHeader(http.StatusForbidden)
		}
	})
	for _, cfg := range []Config{{User: "alice", Password: "secret"}, {Token: "secret"}} {
		cfg.URL = web.URL
		got, err := client(t, cfg).Permissions(t.Context())
		if err != nil || !slices.Equal(got, Permissions{"streams:read"}) {
			t.Errorf("%q, %v", got, err)
		}
	}
	for _, whose = range []string{"", "bob"} {
		_, err := client(t, Config{URL: web.URL, Token: "secret"}).Permissions(t.Context())
		if !errors.Is(err, ErrPermissionsUnknown) {
			t.Errorf("whose %q: the error is %v", whose, err)
		}
	}
}
