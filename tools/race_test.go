//go:build race

package tools_test

// raceDetector reports whether the race detector runs. It makes each byte cost 20
// times as much and does not find more in a larger output: it gets smaller ones.
const raceDetector = true

// fewerSeeds divides the number of random schedules, and of cases of a matrix: races
// show in the first ones, and the run without the detector plays them all.
const fewerSeeds = 4
