package gelf

// RuleFrames returns the names and frames of rules, for a test with a real Graylog.
func RuleFrames() (names []string, frames [][]byte) {
	for _, tc := range rules {
		names = append(names, tc.name)
		frames = append(frames, []byte(long(tc.frame)))
	}
	return names, frames
}

// CompressedFrames returns the names and frames of compressedTests.
func CompressedFrames() (names []string, frames [][]byte) {
	for _, tc := range compressedTests() {
		names = append(names, tc.name)
		frames = append(frames, tc.frame)
	}
	return names, frames
}
