//go:build !race

package trained_test

// raceEnabled says whether the race detector is on, with which learning takes
// minutes.
const raceEnabled = false
