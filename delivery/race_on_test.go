//go:build race

package delivery

// raceDetector tells that the tests run under the race detector, which
// allocates, and slows all down.
const raceDetector = true
