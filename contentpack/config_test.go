package contentpack

import (
	"strings"
	"testing"
)

func TestOptionErrors(t *testing.T) {
	enabled := func(auth ClientAuth, cas string) Config {
		return Config{TLS: TLS{Enable: true, CertFile: "x", KeyFile: "x", ClientAuth: auth, ClientCAs: cas}}
	}
	for _, tc := range []struct {
		options Config
		want    string
	}{
		{Config{Bind: "graylog.example"}, `Bind "graylog.example": use an IP address`},
		{
			Config{Ports: map[string]int{"boss": 1}},
			`port of "boss": unknown role: use Director, Sysmetric, TTP, Worker`,
		},
		{Config{Ports: map[string]int{TestInputRole: 1}}, "port of Test: set TestInput to add this input"},
		{Config{Ports: map[string]int{"TTP": 65536}}, "port 65536 of TTP: use a port from 1 to 65535"},
		{Config{Ports: map[string]int{"TTP": 9100}}, "port 9100 is used for Sysmetric and TTP"},
		{Config{Revision: -1}, "Revision -1: use a positive number"},
		{Config{MinServer: "4"}, `MinServer: "4" is not a version of Graylog: write it as 4.0.0`},
		{Config{TLS: TLS{CertFile: "x"}}, "TLS: other fields are set: set Enable too"},
		{Config{TLS: TLS{Enable: true, CertFile: "x"}}, "TLS: set CertFile and KeyFile"},
		{enabled("always", ""), `client authentication "always": use disabled, optional or required`},
		{enabled(ClientAuthRequired, ""), "client authentication required: set ClientCAs too"},
		{enabled("", "x"), "ClientCAs is set: set ClientAuth to optional or required too"},
	} {
		_, err := New(tc.options)
		if err == nil || !strings.HasPrefix(err.Error(), "contentpack: ") || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: the error is %v, want %s", tc.options, err, tc.want)
		}
	}
}
