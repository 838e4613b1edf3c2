package cli_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/server/cli"
)

// errFull is the error of a full disk.
var errFull = errors.New("no space left on device")

// A full disk takes the first bytes that it is given.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return max(0, len(p)+f.left), errFull
	}
	return len(p), nil
}

func TestWhatCannotBePrintedIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"tools", "tools --json", "demo", "doctor --simulator", "install", "completion bash", "--help"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			var stderr buffer
			err := cli.Run(t.Context(), "v1.2.3", strings.Fields(command), environment{"HOME": t.TempDir()}.get, strings.NewReader(""), &full{left: 20}, &stderr)
			if !errors.Is(err, errFull) {
				t.Errorf("got %v, want %v", err, errFull)
			}
		})
	}
}
