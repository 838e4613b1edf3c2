//go:build !race

package output_test

// sampled is how many of n cases run: all without the race detector.
func sampled(n int) int { return n }
