//go:build race

package tools_test

// raceDetector reports whether the race detector runs. It makes each byte cost 20
// times as much, and does not find more in a larger output: it gets smaller ones.
const raceDetector = true

// fewerSeeds is by what the number of random schedules is divided: races show in the
// first ones, and the coverage step plays them all.
const fewerSeeds = 4
