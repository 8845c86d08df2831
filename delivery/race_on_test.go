//go:build race

package delivery

// raceDetector is true if the tests run with the race detector, which allocates and is
// slow.
const raceDetector = true
