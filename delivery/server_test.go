package delivery

import "testing"

// TestParseServer checks the forms of an address.
func TestParseServer(t *testing.T) {
	for server, want := range map[string]string{
		"":                           "tcp://127.0.0.1:9300",
		"graylog.example":            "tcp://graylog.example:9300",
		"graylog.example:12":         "tcp://graylog.example:12",
		"graylog.example:":           "tcp://graylog.example:9300",
		":12":                        "tcp://127.0.0.1:12",
		"tcp://graylog.example":      "tcp://graylog.example:9300",
		"TCP://graylog.example:12/":  "tcp://graylog.example:12",
		"10.0.0.1":                   "tcp://10.0.0.1:9300",
		"::1":                        "tcp://[::1]:9300",
		"[::1]":                      "tcp://[::1]:9300",
		"[::1]:12":                   "tcp://[::1]:12",
		"tcp://[2001:db8::1]":        "tcp://[2001:db8::1]:9300",
		"[fe80::1%eth0]:12":          "tcp://[fe80::1%eth0]:12",
		"fe80::1%eth0":               "tcp://[fe80::1%eth0]:9300",
		"tcp://2001:db8::1":          "tcp://[2001:db8::1]:9300",
		"graylog_1.some-net.example": "tcp://graylog_1.some-net.example:9300",
	} {
		if got, err := ParseServer(server, 9300); err != nil || got != want {
			t.Errorf("ParseServer(%q, 9300) = %s, %v, want %s", server, got, err, want)
		}
	}
}
