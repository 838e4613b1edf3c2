package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// probeRequests are what a client sends first; the server answers 1 and 2.
	probeRequests = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"` + program + ` doctor","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
`
	// maxReplies is how many bytes of replies are read, far above any list of tools.
	maxReplies = 4 << 20
	// maxTail is how many bytes are kept of stderr.
	maxTail = 4 << 10
)

// probe starts a server as a client does, asks for its tools, ends it, and returns how
// many tools there are. The server has no environment but env, which must not be empty,
// and works in its program's folder. It returns at the latest exitTimeout after ctx has
// ended.
func probe(ctx context.Context, path string, args, env []string) (tools int, err error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Dir = env, filepath.Dir(path)
	cmd.WaitDelay = exitTimeout
	stderr := &tail{}
	cmd.Stderr = stderr
	stdin, stdout, err := startWithPipes(cmd)
	if err != nil {
		return 0, err
	}
	// A killed program's children may keep stdout open.
	defer context.AfterFunc(ctx, func() { _ = stdout.Close() })()
	// A write to a server that has ended fails; its stderr says why it ended.
	_, _ = io.WriteString(stdin, probeRequests)
	tools, err = readReplies(io.LimitReader(stdout, maxReplies))
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("no answer in %s", probeTimeout)
	}
	_ = stdin.Close()
	kill := time.AfterFunc(exitTimeout, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	_ = cmd.Wait() // its exit code does not matter
	if line := stderr.lastLine(); err != nil && line != "" {
		err = fmt.Errorf("%w; it said: %s", err, sanitize.Secrets(line))
	}
	return tools, err
}

func startWithPipes(cmd *exec.Cmd) (stdin io.WriteCloser, stdout io.ReadCloser, err error) {
	if stdin, err = cmd.StdinPipe(); err != nil {
		return nil, nil, err
	}
	if stdout, err = cmd.StdoutPipe(); err != nil {
		return nil, nil, err
	}
	return stdin, stdout, cmd.Start()
}

// readReplies reads until the server has answered both requests.
func readReplies(r io.Reader) (tools int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxReplies)
	for lines.Scan() {
		var m struct {
			ID     int
			Error  *struct{ Message string }
			Result struct{ Tools []struct{} }
		}
		switch err := json.Unmarshal(lines.Bytes(), &m); {
		case err != nil:
			return 0, errors.New("what it writes is not MCP")
		case m.Error != nil:
			return 0, fmt.Errorf("it answers with an error: %s", m.Error.Message)
		case m.ID == 2:
			return len(m.Result.Tools), nil
		}
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	return 0, errors.New("it ended without an answer")
}

type tail struct{ buf bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	t.buf.Write(p)
	t.buf.Next(max(t.buf.Len()-maxTail, 0))
	return len(p), nil
}

func (t *tail) lastLine() string {
	text := strings.TrimSpace(t.buf.String())
	return text[strings.LastIndexByte(text, '\n')+1:]
}
