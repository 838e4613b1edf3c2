package simulator

import (
	"strconv"
	"strings"
)

// A kind is what an id is for. Ids of different kinds differ.
type kind int

const (
	kindTask kind = iota
	kindWorkflow
	kindTemplate
	kindTemplateWorkflow
	kindProfile
	kinds
)

// ids counts the ids of each kind.
type ids [kinds]int

func (c *ids) next(k kind) int {
	c[k]++
	return c[k]
}

// number returns the nth id of a kind: 17 digits, distinct, scattered, and odd. Above
// 2^54 a float64 holds even numbers only, so a conversion to one changes the id.
func number(k kind, n int) string {
	const (
		base   = 80_000_000_000_000_000
		span   = 1_000_000_000_000_000 // of a kind
		stride = 261_310_532_987       // coprime to the span
	)
	return strconv.FormatInt(base+2*(int64(k)*span+int64(n)*stride%span)+1, 10)
}

// workflowID returns the id of the nth workflow under a key.
func workflowID(key, n int) string {
	const perKey = 100_000
	return number(kindWorkflow, key*perKey+n)
}

// wordID returns the id of the nth task if ids are not numbers.
func wordID(n int) string {
	s := strconv.FormatInt(int64(n), 36)
	return "task_" + strings.Repeat("0", max(0, 6-len(s))) + s
}
