//go:build race

package output_test

// mostly is of n cases as many as are looked at. The race detector makes each byte
// cost 20 times as much, and has little to find where all runs in one goroutine.
func mostly(n int) int { return max(1, n/5) }
