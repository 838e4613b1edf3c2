package lazyregexp_test

import (
	"testing"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

func TestPatternIsCompiledOnFirstUse(t *testing.T) {
	t.Parallel()
	word := lazyregexp.New(`^\w+$`)
	first := word()
	if !first.MatchString("one") || first.MatchString("two words") || word() != first {
		t.Error("the pattern does not match as compiled once")
	}
	invalid := lazyregexp.New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("an invalid pattern does not panic when it is used")
		}
	}()
	invalid()
}
