package contentpack

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
)

// A version of Graylog, without what stands behind its three numbers.
type version struct{ major, minor, patch int }

var versionPattern = regexp.MustCompile(`^(\d{1,4})\.(\d{1,4})\.(\d{1,4})([-+].*)?$`)

// parseVersion reads a version such as 7.0.1+29f3984.
func parseVersion(text string) (version, error) {
	m := versionPattern.FindStringSubmatch(text)
	if m == nil {
		return version{}, fmt.Errorf("%q is no version of Graylog: write it as 4.0.0", text)
	}
	var v version
	for i, n := range []*int{&v.major, &v.minor, &v.patch} {
		*n, _ = strconv.Atoi(m[i+1]) // four digits at most
	}
	return v, nil
}

func (v version) compare(w version) int {
	return cmp.Or(cmp.Compare(v.major, w.major), cmp.Compare(v.minor, w.minor), cmp.Compare(v.patch, w.patch))
}
