package cli_test

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
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

// A quitter is a pipe whose reader is gone.
type quitter struct{}

func (quitter) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "stdout", Err: syscall.EPIPE}
}

func TestReaderThatHasSeenEnoughIsNoFailure(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"tools", "tools --json", "completion bash", "--help"} {
		var stderr buffer
		err := cli.Run(t.Context(), cli.Program{Version: "v1.2.3"}, strings.Fields(command), environment{}.get, strings.NewReader(""), quitter{}, &stderr)
		if err != nil || stderr.String() != "" {
			t.Errorf("%s: got %v, %q", command, err, stderr.String())
		}
	}
}

func TestClientThatHasGoneEndsTheServerWithAnError(t *testing.T) {
	t.Parallel()
	var stderr buffer
	ping := `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n"
	err := cli.Run(t.Context(), cli.Program{Version: "v1.2.3"}, []string{"--simulator"}, environment{}.get, strings.NewReader(ping), quitter{}, &stderr)
	if !errors.Is(err, syscall.EPIPE) {
		t.Errorf("got %v, want a broken pipe", err)
	}
}

func TestWhatCannotBePrintedIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"tools", "tools --json", "demo", "doctor --simulator", "install", "completion bash", "--help"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			var stderr buffer
			err := cli.Run(t.Context(), cli.Program{Version: "v1.2.3"}, strings.Fields(command), environment{"HOME": t.TempDir()}.get, strings.NewReader(""), &full{left: 20}, &stderr)
			if !errors.Is(err, errFull) {
				t.Errorf("got %v, want %v", err, errFull)
			}
		})
	}
}
