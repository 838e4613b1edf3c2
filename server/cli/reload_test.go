package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/server/cli"
)

// A listener is a client of a server whose overlay changes.
type listener struct {
	t      *testing.T
	path   string
	in     *io.PipeWriter
	out    *bufio.Scanner
	log    *buffer
	hangup func()
	done   chan error
	saved  int
}

func listenTo(t *testing.T, overlay string, args ...string) *listener {
	t.Helper()
	stdin, in := io.Pipe()
	out, stdout := io.Pipe()
	l := &listener{t: t, path: writeOverlay(t, overlay), in: in, out: bufio.NewScanner(out), log: &buffer{}, done: make(chan error, 1)}
	l.out.Buffer(nil, 1<<20)
	p := cli.Program{Version: "v1", OnHangup: func(do func()) { l.hangup = do }}
	go func() { // ends with stdin
		l.done <- cli.Run(t.Context(), p, append([]string{"--simulator", "--config", l.path}, args...), environment{}.get, stdin, stdout, l.log)
		_ = stdout.Close()
	}()
	t.Cleanup(func() {
		_ = in.Close()
		for l.out.Scan() {
			continue
		}
		if err := <-l.done; err != nil {
			t.Errorf("ended with %v", err)
		}
	})
	return l
}

func (l *listener) ask(message string) string {
	l.t.Helper()
	if _, err := io.WriteString(l.in, message+"\n"); err != nil {
		l.t.Fatal(err)
	}
	return l.line()
}

func (l *listener) line() string {
	l.t.Helper()
	if !l.out.Scan() {
		l.t.Fatalf("the output ended: %s", l.log)
	}
	return l.out.Text()
}

// save writes the overlay, as an editor does that writes in place.
func (l *listener) save(overlay string) {
	l.t.Helper()
	if err := os.WriteFile(l.path, []byte(overlay), 0o600); err != nil {
		l.t.Fatal(err)
	}
	l.saved++ // the real clock may not have moved
	at := time.Unix(int64(1_900_000_000+l.saved), 0)
	if err := os.Chtimes(l.path, at, at); err != nil {
		l.t.Fatal(err)
	}
}

// tools are those that are offered beside the product's own.
func (l *listener) tools() string {
	l.t.Helper()
	var reply struct {
		Result struct{ Tools []struct{ Name string } }
	}
	if err := json.Unmarshal([]byte(l.ask(strings.TrimSpace(toolsList))), &reply); err != nil {
		l.t.Fatal(err)
	}
	var names []string
	for _, tool := range reply.Result.Tools {
		if strings.HasPrefix(tool.Name, "my_") {
			names = append(names, tool.Name)
		}
	}
	return strings.Join(names, " ")
}

const (
	initializeRequest = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"c","version":"1"}}}`
	changed           = `{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`
)

func overlayWith(id string, names ...string) string {
	text := "expose:\n"
	for _, name := range names {
		text += fmt.Sprintf("  - {workflow: %q, name: %s}\n", id, name)
	}
	return text
}

func TestChangedOverlayIsLoaded(t *testing.T) {
	t.Parallel()
	id := simulator.New().Workflow("Price Monitor").ID
	synctest.Test(t, func(t *testing.T) {
		l := listenTo(t, overlayWith(id, "my_one"))
		if got := l.ask(initializeRequest); !strings.Contains(got, `"listChanged":true`) {
			t.Errorf("got %s", got)
		}
		if got := l.tools(); got != "my_one" {
			t.Errorf("got %s", got)
		}
		l.save(overlayWith(id, "my_one", "my_two"))
		if got := l.line(); got != changed {
			t.Errorf("got %s", got)
		}
		if got := l.tools(); got != "my_one my_two" {
			t.Errorf("got %s", got)
		}
		got := l.ask(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"my_two","arguments":{"product_url":"https://shop.example/1","wait_seconds":0}}}`)
		if !strings.Contains(got, `\"task_id\"`) {
			t.Errorf("got %s", got)
		}
		for _, broken := range []string{"expose: [", "expose:\n  - {workflow: 1, name: get_task}\n", "expose:\n  - {workflow: 1, max_credits: x}\n"} {
			l.save(broken)
			time.Sleep(time.Minute)
			if got := l.tools(); got != "my_one my_two" || !strings.Contains(l.log.String(), "the overlay cannot be loaded") {
				t.Errorf("%q: got %s", broken, got)
			}
		}
		if err := os.Remove(l.path); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := l.tools(); got != "my_one my_two" {
			t.Errorf("without the file: got %s", got)
		}
		l.save("")
		if got := l.line(); got != changed {
			t.Errorf("got %s", got)
		}
		if got := l.tools(); got != "" {
			t.Errorf("got %s", got)
		}
	})
}

func TestOverlayIsReadAgainWhenTheProgramIsAskedToHangUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := listenTo(t, overlayWith("wf_1", "my_one"))
		l.ask(initializeRequest)
		l.hangup()
		if got := l.line(); got != changed {
			t.Errorf("got %s", got)
		}
	})
}

func TestListsOfToolsLastLongerWhereTheyCannotChange(t *testing.T) {
	t.Parallel()
	const modern = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}` + "\n"
	overlay := writeOverlay(t, "expose:\n  - {workflow: wf_1}\n")
	for args, want := range map[string]string{
		"":                                `"ttlMs":3600000`,
		"--expose wf_1":                   `"ttlMs":3600000`,
		"--config " + overlay:             `"ttlMs":5000`,
		"--read-only --config " + overlay: `"ttlMs":3600000`,
	} {
		if got := run(t.Context(), nil, modern, append([]string{"--simulator"}, strings.Fields(args)...)...); !strings.Contains(got.stdout, want) {
			t.Errorf("%s: no %s in %.300s", args, want, got.stdout)
		}
	}
}
