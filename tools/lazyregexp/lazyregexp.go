// Package lazyregexp compiles regular expressions when they are first needed: all
// of the program's at once would take half a millisecond of each start. Begin with
// [New]. It knows nothing else.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that compiles pattern once, on its first call, and
// returns it on each. It panics there if the pattern is invalid.
func New(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
