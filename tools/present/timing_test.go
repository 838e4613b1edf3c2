package present

import (
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/tools/call"
)

// Durations have to fit each other. None may be changed alone.
func TestDurationsFit(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]struct{ shorter, longer time.Duration }{
		"a screenshot leaves a call time for its answer": {maxPictureTime + afterPicture, call.ForStart},
		"a task's read and its screenshot fit a call":    {maxPictureTime + afterPicture + call.ForDefinition, call.ForDefinition + call.ForStart},
	} {
		if f.shorter > f.longer {
			t.Errorf("%s: %v is longer than %v", name, f.shorter, f.longer)
		}
	}
}
