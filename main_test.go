package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets tests run this program as a process: the test binary is it where
// it is called browseract-mcp.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"browseract-mcp": main,
	})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir) // the ledger is below it
			env.Setenv("LOCALAPPDATA", env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"replies": replies,
			"calls":   calls,
			"long":    long,
		},
	})
}

// exits runs a command that has to end with a code: exits 2 browseract-mcp fly.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// replies holds stdout to be so many lines of JSON-RPC and nothing else.
func replies(ts *testscript.TestScript, _ bool, args []string) {
	got := 0
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		var m struct{ JSONRPC string }
		if err := json.Unmarshal([]byte(line), &m); err != nil || m.JSONRPC != "2.0" {
			ts.Fatalf("no JSON-RPC on stdout: %q", line)
		}
		got++
	}
	if want, err := strconv.Atoi(args[0]); err != nil || got != want {
		ts.Fatalf("%d lines on stdout, want %s", got, args[0])
	}
}

// calls writes n calls of list_regions into a file, the last without a newline:
// calls 100 file.
func calls(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	lines := make([]string, n)
	for id := range lines {
		lines[id] = fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"list_regions"}}`, id)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(lines, "\n")), 0o600))
}

// long writes a line of so many bytes and a ping after it: long 5000000 file.
func long(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := `{"jsonrpc":"2.0","id":"long","method":"tools/call","params":{"name":"list_regions","arguments":{"x":"` +
		strings.Repeat("x", n) + `"}}}` + "\n" + `{"jsonrpc":"2.0","id":"after","method":"ping"}` + "\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}
