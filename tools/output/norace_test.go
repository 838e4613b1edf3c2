//go:build !race

package output_test

// mostly is of n cases as many as are looked at: without the race detector, all.
func mostly(n int) int { return n }
