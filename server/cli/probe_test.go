package cli_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/server/cli"
)

func TestProbeReadsRepliesUntilTheToolList(t *testing.T) {
	t.Parallel()
	const (
		hello = `{"jsonrpc":"2.0","id":1,"result":{"serverInfo":{"name":"browseract-mcp","version":"v2"}}}` + "\n"
		note  = `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"hello"}}` + "\n"
		tools = `{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"a"},{"name":"b"}]}}` + "\n"
	)
	for _, tt := range []struct{ name, said, want string }{
		{"all", hello + note + tools + "and more", ""},
		{"out of order", tools, ""},
		{"nothing", "", "it ended without an answer"},
		{"half", hello, "it ended without an answer"},
		{"a log", "INFO starting\n" + hello + tools, "what it writes is not MCP"},
		{"a refusal", `{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no such protocol"}}` + "\n", "it answers with an error: no such protocol"},
		{"an endless line", strings.Repeat("x", 5<<20), "token too long"},
	} {
		n, err := cli.ReadReplies(strings.NewReader(tt.said))
		if tt.want == "" {
			if err != nil || n != 2 {
				t.Errorf("%s: got %d, %v", tt.name, n, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestProbeReportsAProgramThatIsNoServer(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no shell")
	}
	for _, tt := range []struct{ name, script, want string }{
		{"deaf", "exit 0", "it ended without an answer"},
		{"another", "echo Hello; echo cannot do that >&2", "what it writes is not MCP; it said: cannot do that"},
		{"silent", "while read line; do :; done", "no answer in 5s"},
		{"its environment", `echo "$NAME,$HOME." >&2`, "it ended without an answer; it said: value,."},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		if tt.name == "silent" {
			ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
		}
		defer cancel()
		if _, err := cli.Probe(ctx, "/bin/sh", "-c", tt.script); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

func TestTailKeepsTheEndOfStderr(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		said []string
		want string
	}{
		{nil, ""},
		{[]string{"one\ntwo", " three\n\n"}, "two three"},
		{[]string{strings.Repeat("x\n", 5000), "last"}, "last"},
		{[]string{strings.Repeat("x", 5000)}, strings.Repeat("x", 4096)},
	} {
		if got := cli.LastLine(tt.said...); got != tt.want {
			t.Errorf("got %.40q of %d, want %.40q", got, len(got), tt.want)
		}
	}
}
