package output

import (
	"regexp"
	"sync"
)

// Lazily compiles a pattern when it is first needed. All of them at once took half
// a millisecond of each start, which a client waits for.
func Lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
