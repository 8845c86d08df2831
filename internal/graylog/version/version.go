// Package version parses and compares the versions of Graylog.
package version

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
)

// A Version is a version of Graylog without a suffix such as -rc.1 or +29f3984.
type Version struct{ Major, Minor, Patch int }

var pattern = regexp.MustCompile(`^(\d{1,4})\.(\d{1,4})\.(\d{1,4})([-+].*)?$`)

// Parse parses a version such as 7.0.1+29f3984.
func Parse(text string) (Version, error) {
	m := pattern.FindStringSubmatch(text)
	if m == nil {
		return Version{}, fmt.Errorf("%q is not a version of Graylog: write it as 4.0.0", text)
	}
	var v Version
	for i, n := range []*int{&v.Major, &v.Minor, &v.Patch} {
		*n, _ = strconv.Atoi(m[i+1]) // at most four digits
	}
	return v, nil
}

// Compare returns -1 if v is older than w, +1 if it is newer, and 0 otherwise.
func (v Version) Compare(w Version) int {
	return cmp.Or(cmp.Compare(v.Major, w.Major), cmp.Compare(v.Minor, w.Minor), cmp.Compare(v.Patch, w.Patch))
}
