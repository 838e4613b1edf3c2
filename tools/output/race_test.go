//go:build race

package output_test

// sampled is how many of n cases run. The race detector makes each byte cost 20
// times as much, and has little to find in code of one goroutine.
func sampled(n int) int { return max(1, n/5) }
