package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/server/cli"
)

const messagesFile = "testdata/messages.golden"

// messageCases are command lines with the environment and the files that they find.
// $HOME in them is a folder of their own. What they print is in messagesFile.
var messageCases = []struct {
	args  string
	env   environment
	files map[string]string
}{
	{args: "fly"},
	{args: "--fly"},
	{args: "--simulator-speed=0 tools"},
	{args: "--max-runs-per-day=-1 tools"},
	{args: "--client-timeout=1ms tools"},
	{args: "--max-result-tokens=1 tools"},
	{args: "--api-url=ftp://example.com doctor"},
	{args: "http --simulator --listen=0.0.0.0:0"},
	{args: "http --simulator --download-dir=$HOME"},
	{args: "http --simulator --tls-cert=$HOME/none --tls-key=$HOME/none"},
	{args: "demo --live"},
	{args: "demo --live", env: environment{"BROWSERACT_API_KEY": "your-key"}},
	{args: "demo --live", env: environment{"BROWSERACT_API_KEY": "app-1234567890"}},

	{args: "doctor --simulator"},
	{args: "doctor --simulator --ledger=off --max-runs-per-day=20 --allow-workflows=a,b --budget-mode=warn --client-timeout=30s"},
	{args: "doctor --simulator --ledger=$HOME --download-dir=$HOME/none", files: map[string]string{"file": ""}},
	{args: "doctor --simulator --config=$HOME/overlay.yaml", files: map[string]string{"overlay.yaml": "expose: ["}},
	{args: "doctor --simulator", env: environment{"HTTPS_PROXY": "http://user:secret@proxy.example:3128", "NO_PROXY": "localhost"}},
	{args: "doctor --simulator", env: environment{"HTTP_PROXY": "ftp://proxy.example"}},
	{args: "doctor --simulator", files: map[string]string{".cursor/mcp.json": `{"mcpServers": {`}},
	{args: "doctor --simulator", files: map[string]string{".cursor/other": ""}},
	{args: "doctor --simulator", files: map[string]string{".cursor/mcp.json": `{"mcpServers": {
		"gone": {"command": "$HOME/browseract-mcp"}, "npx": {"command": "npx", "args": ["browseract-mcp", "--token", "secret"]},
		"wrong": {"command": "$PROGRAM", "args": ["--fly"]}, "http": {"command": "$PROGRAM", "args": ["http"], "env": {"OTHER": "secret"}},
		"passed": {"command": "$PROGRAM", "env": {"BROWSERACT_API_KEY": "${env:MY_KEY}"}}}}`}},
	{args: "doctor --api-url=http://127.0.0.1:9"},
	{args: "doctor --api-url=http://127.0.0.1:9 --api-key-file=$HOME/none"},
	{args: "doctor --api-url=http://127.0.0.1:9", env: environment{"BROWSERACT_API_KEY": "no-key-of-ours"}},
	{args: "doctor --api-url=http://127.0.0.1:9", env: environment{"BROWSERACT_API_KEY": "app- two"}},

	{args: "install"},
	{args: "install emacs"},
	{args: "uninstall emacs"},
	{args: "install claude-desktop --simulator --scope=project"},
	{args: "install claude-desktop"},
	{args: "install cursor --name=a.b"},
	{args: "install cursor --scope=all"},
	{args: "install cursor --key-env=app-0123456789"},
	{args: "install cursor --embed-key"},
	{args: "install cursor --embed-key --scope=project"},
	{args: "install cursor --toolsets=none"},
	{args: "install cursor --print"},
	{args: "install goose --print --api-key-file=$HOME/key --client-timeout=30s"},
	{args: "install cursor"},
	{args: "install cursor --simulator --yes"},
	{args: "install cursor --dry-run --embed-key", env: environment{"BROWSERACT_API_KEY": "app-0123456789"}},
	{args: "install cursor --dry-run --simulator", files: map[string]string{".cursor/mcp.json": `{"mcpServers": {
		"browseract": {
			"command": "browseract-mcp",
			"env": {"OTHER": "1", "BROWSERACT_API_URL": "x"},
			"envFile": "my.env"
		}}}`}},
	{args: "install zed --dry-run --simulator --client-timeout=3m"},
	{args: "install claude-code --dry-run --simulator --max-result-tokens=20000"},
	{args: "install claude-desktop --dry-run --simulator --client-config=$HOME/c.json", files: map[string]string{"c.json": "{\n  // mine\n}\n"}},
	{args: "install cursor --simulator --yes", files: map[string]string{".cursor/mcp.json": `{"mcpServers": []}`}},
	{args: "install cursor --simulator --yes", files: map[string]string{".cursor/mcp.json": `{"mcpServers": {"browseract": {"command": "npx"}}}`}},
	{args: "uninstall cursor --yes", files: map[string]string{".cursor/mcp.json": `{"mcpServers": {"browseract": {"command": "browseract-mcp", "env": {"BROWSERACT_API_KEY": "app-0123456789"}}}}`}},
	{args: "uninstall cursor --yes"},

	{args: "config init"},
	{args: "config init --config=$HOME/o.yaml"},
	{args: "config init --simulator --config=$HOME/o.yaml"},
	{args: "config init --simulator --config=$HOME/o.yaml", files: map[string]string{"o.yaml": ""}},
	{args: "config init --simulator --config=$HOME/o.yaml --force", files: map[string]string{"o.yaml": ""}},
	{args: "config check"},
	{args: "config check $HOME"},
	{args: "config check $HOME/o.yaml", files: map[string]string{"o.yaml": "expose:\n  - {workflow: wf_1, titel: x}\n  - {workflow: wf_2, name: get_task}\n"}},
	{args: "config check $HOME/o.yaml", files: map[string]string{"o.yaml": "expose:\n  - {workflow: wf_1, name: prices, description: Reads prices.}\n"}},
}

// TestMessages compares what commands print with messagesFile.
func TestMessages(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("the system's own messages are Linux's")
	}
	var got strings.Builder
	for _, c := range messageCases {
		got.WriteString(messagesOf(t, c.args, c.env, c.files))
	}
	if *update {
		if err := os.WriteFile(messagesFile, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(messagesFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("other messages (-want +got):\n%s\nto accept them: go test ./server/cli -run TestMessages -update", diff)
	}
}

func messagesOf(t *testing.T, args string, env environment, files map[string]string) string {
	t.Helper()
	home := t.TempDir()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("$HOME", home, "$PROGRAM", executable)
	all := at(home)
	maps.Copy(all, env)
	for name, text := range files {
		path := filepath.Join(home, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(fill.Replace(text)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	words := strings.Fields(fill.Replace(args))
	if words[0] == "doctor" {
		words = append(words, "--json") // its text is folded according to the length of paths
	}
	out := run(t.Context(), all, "", words...)
	exit := 0
	switch {
	case errors.Is(out.err, cli.ErrUsage):
		exit = 2
	case out.err != nil:
		exit = 1
	}
	text := out.stdout
	if strings.HasPrefix(args, "doctor") && exit < 2 {
		text = resultsOf(t, out.stdout)
	}
	text = strings.NewReplacer(executable, "$PROGRAM", home, "$HOME").Replace(text + out.stderr)
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.instead)
	}
	return fmt.Sprintf("$ browseract-mcp %s\n%s[exit %d]\n\n", args, text, exit)
}

// resultsOf are the results of doctor --json, a line for each part.
func resultsOf(t *testing.T, report string) string {
	t.Helper()
	var r doctorReport
	if err := json.Unmarshal([]byte(report), &r); err != nil {
		t.Fatalf("%v in %s", err, report)
	}
	var b strings.Builder
	for _, c := range r.Checks {
		fmt.Fprintf(&b, "%s %s: %s\n", c.Level, c.Check, c.Found)
		for _, part := range [][2]string{{"runs", c.Runs}, {"differs", strings.Join(c.Differs, "; ")}, {"next", c.Next}} {
			if part[1] != "" {
				fmt.Fprintf(&b, "  %s: %s\n", part[0], part[1])
			}
		}
	}
	return b.String()
}

// varying is what differs from run to run and from system to system.
var varying = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d `), ""},
	{regexp.MustCompile(`\b\d+(\.\d+)?(ms|µs)\b`), "TIME"},
	{regexp.MustCompile(`answered in \d+s`), "answered in TIME"},
	{regexp.MustCompile(`\.bak-[\d-]+`), ".bak-DATE"},
	{regexp.MustCompile(`for \w+/\w+,`), "for SYSTEM,"},
	{regexp.MustCompile(`(Wrote|is) *\n`), "$1 "}, // where a path was folded
}
