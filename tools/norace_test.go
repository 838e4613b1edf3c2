//go:build !race

package tools_test

// raceDetector reports whether the race detector runs.
const raceDetector = false

const fewerSeeds = 1
