package gelf

// RuleFrames are the frames of the table of rules, by their names, for the test
// that shows them to a server.
func RuleFrames() (names []string, frames [][]byte) {
	for _, tc := range decodeTests {
		names = append(names, tc.name)
		frames = append(frames, []byte(long(tc.frame)))
	}
	return names, frames
}

// CompressedFrames are those of the table of compressed frames.
func CompressedFrames() (names []string, frames [][]byte) {
	for _, tc := range compressedTests() {
		names = append(names, tc.name)
		frames = append(frames, tc.frame)
	}
	return names, frames
}
