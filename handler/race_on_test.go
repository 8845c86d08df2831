//go:build race

package handler

// raceDetector reports whether the tests run under the race detector, which allocates
// and slows everything down.
const raceDetector = true
