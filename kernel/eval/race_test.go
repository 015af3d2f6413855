//go:build race

package eval

// raceDetector is on: it finds that goroutines of interpreted code note their
// place without a lock, see Runtime.Position.
const raceDetector = true
