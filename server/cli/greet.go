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
)

const (
	// greetings are what a client says first; the server is to answer 1 and 2.
	greetings = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"` + program + ` doctor","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
`
	// maxGreeting is far above what any list of tools takes.
	maxGreeting = 4 << 20
	// farewell is how long a server has to end by itself.
	farewell = 2 * time.Second
)

// greet starts a server as a client does, asks for its tools, ends it, and returns
// how many tools there are. The server has no other environment than env, which
// must not be empty, and works in its program's folder. It returns at the latest a
// farewell after ctx has ended.
func greet(ctx context.Context, path string, args, env []string) (tools int, err error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env, cmd.Dir = env, filepath.Dir(path)
	cmd.WaitDelay = farewell
	stderr := &tail{}
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	// A program that it has started may keep stdout open when it has been killed.
	defer context.AfterFunc(ctx, func() { _ = stdout.Close() })()
	// A server that has ended takes nothing; what it says tells why.
	_, _ = io.WriteString(stdin, greetings)
	tools, err = listen(io.LimitReader(stdout, maxGreeting))
	if err != nil {
		err = explainSilence(ctx, err)
	}
	_ = stdin.Close()
	ended := time.AfterFunc(farewell, func() { _ = cmd.Process.Kill() })
	defer ended.Stop()
	_ = cmd.Wait() // how it ends is not asked
	if said := stderr.lastLine(); err != nil && said != "" {
		err = fmt.Errorf("%w; it said: %s", err, redact(said))
	}
	return tools, err
}

// listen reads until both answers are there.
func listen(r io.Reader) (tools int, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxGreeting)
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
			return 0, fmt.Errorf("it refuses: %s", m.Error.Message)
		case m.ID == 2:
			return len(m.Result.Tools), nil
		}
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	return 0, errors.New("it ended without an answer")
}

func explainSilence(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("no answer in %s", entryTimeout)
	}
	return err
}

// mostSaid is how much is kept of what a program says.
const mostSaid = 4 << 10

// A tail keeps the end of what is written to it.
type tail struct{ buf bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	t.buf.Write(p)
	if over := t.buf.Len() - mostSaid; over > 0 {
		t.buf.Next(over)
	}
	return len(p), nil
}

func (t *tail) lastLine() string {
	text := strings.TrimSpace(t.buf.String())
	return text[strings.LastIndexByte(text, '\n')+1:]
}
