//go:build race

package handler

// raceDetector tells that the tests run under the race detector, which
// allocates, and slows all down.
const raceDetector = true
