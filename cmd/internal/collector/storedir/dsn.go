package storedir

import (
	"net/url"
	"path/filepath"
	"strings"
)

// DSN returns the data source name of an existing database file.
func DSN(path, txlock string, pragmas ...string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // such as C:/…
		path = "/" + path
	}
	query := url.Values{"mode": {"rw"}, "_txlock": {txlock}, "_pragma": pragmas}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}
