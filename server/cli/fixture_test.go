package cli_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/server/cli"
)

// An environment is the variables that a run of the program sees.
type environment map[string]string

func (e environment) get(name string) string { return e[name] }

// An outcome is what a run of the program left behind.
type outcome struct {
	stdout, stderr string
	err            error
}

// message is what main would print of the error.
func (o outcome) message() string {
	if o.err == nil {
		return ""
	}
	return o.err.Error()
}

// run runs the program to its end with stdin as its input.
func run(ctx context.Context, env environment, stdin string, args ...string) outcome {
	var stdout, stderr buffer
	err := cli.Run(ctx, cli.Program{Version: "v1.2.3"}, args, env.get, strings.NewReader(stdin), &stdout, &stderr)
	return outcome{stdout.String(), stderr.String(), err}
}

// A buffer can be read while it is written.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// serveAccount serves an account on a real socket and returns its address.
func serveAccount(t *testing.T, account *simulator.Account) string {
	t.Helper()
	server := httptest.NewServer(account)
	t.Cleanup(server.Close)
	return server.URL
}

// keys are those of the requests that the account got, in their order.
func keys(account *simulator.Account) []string {
	var keys []string
	for _, r := range account.Requests() {
		keys = append(keys, r.Key)
	}
	return keys
}
