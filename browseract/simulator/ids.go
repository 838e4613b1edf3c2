package simulator

import "strconv"

// kind is what an id is for. Ids of different kinds differ.
type kind int

const (
	kindTask kind = iota
	kindWorkflow
	kindTemplate
	kindTemplateWorkflow
	kindTrace
	kindProfile
	kinds
)

// ids counts what was given an id, by kind.
type ids [kinds]int

// next counts one more.
func (c *ids) next(k kind) int {
	c[k]++
	return c[k]
}

// number is the nth id of a kind: 17 digits, distinct, scattered, and odd.
// Above 2^54 a float64 holds even numbers only, so an id that went through one
// comes out as another.
func number(k kind, n int) string {
	const (
		base   = 80_000_000_000_000_000
		span   = 1_000_000_000_000_000 // of a kind
		stride = 261_310_532_987       // coprime to the span
	)
	return strconv.FormatInt(base+2*(int64(k)*span+int64(n)*stride%span)+1, 10)
}

// workflowID is the id of the nth workflow under a key.
func workflowID(key, n int) string {
	const perKey = 100_000
	return number(kindWorkflow, key*perKey+n)
}

// wordID is the id of the nth task where ids are no numbers.
func wordID(n int) string {
	s := strconv.FormatInt(int64(n), 36)
	return "task_" + "000000"[:max(0, 6-len(s))] + s
}
