//go:build !race

package lower

const raceDetector = false
