package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// readme is README.md, and what is looked for in it.
func readme(t *testing.T) string { return text(t, "README.md") }

func text(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var (
	shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")
	codeSpan   = regexp.MustCompile("`([^`\n]+)`")
	isCommand  = regexp.MustCompile(`^(browseract-mcp|go|brew|docker|npx|gh|\.ci/\S+|testdata/\S+)( |$)`)
	comment    = regexp.MustCompile(`\s+#.*$`)
)

// commandsIn are all commands in a text, in their order.
func commandsIn(doc string) []string {
	var all []string
	add := func(command string) {
		if command = comment.ReplaceAllString(strings.TrimSpace(command), ""); command != "" && !slices.Contains(all, command) {
			all = append(all, command)
		}
	}
	for _, part := range regexp.MustCompile("(?s)```.*?```|`[^`\n]+`").FindAllString(doc, -1) {
		if block := shellBlock.FindStringSubmatch(part); block != nil {
			for line := range strings.Lines(block[1]) {
				add(line)
			}
		} else if span := codeSpan.FindStringSubmatch(part); span != nil && isCommand.MatchString(span[1]) {
			add(span[1])
		}
	}
	return all
}

// elsewhere are the commands that cannot run here, why, and what has to stand in
// which file for them to be right.
var elsewhere = map[string]struct {
	why   string
	holds map[string][]string
}{
	"brew install --cask browseract/tap/browseract-mcp": {
		"Homebrew and the release are on the network",
		map[string][]string{".release/make/cask.rb": {"cask \"browseract-mcp\" do\n"}, ".release/publish": {" browseract/homebrew-tap "}},
	},
	"go install github.com/browseract/browseract-mcp@latest": {
		"the module is on the network",
		map[string][]string{"go.mod": {"module github.com/browseract/browseract-mcp\n", "\ngo 1.26"}, "main.go": {"\npackage main\n"}},
	},
	"docker run -i --rm -e BROWSERACT_API_KEY -v browseract:/home/nonroot ghcr.io/browseract/browseract-mcp:VERSION": {
		"the image is on the network",
		map[string][]string{
			".release/server.json":          {`"ghcr.io/browseract/browseract-mcp:{{version}}"`},
			".github/workflows/release.yml": {"images: ghcr.io/browseract/browseract-mcp\n"},
			"Dockerfile":                    {":nonroot@sha256:", "\nUSER 65532:65532\n", `ENTRYPOINT ["/browseract-mcp"]`},
		},
	},
	"gh attestation verify FILE --repo browseract/browseract-mcp": {
		"the attestation is on the network",
		map[string][]string{".release/publish": {"\ngh release create "}, ".github/workflows/release.yml": {"attest"}},
	},
	"go run . demo":     {"it builds what this test runs", map[string][]string{"main.go": {"\npackage main\n"}}},
	"go test ./...":     {"this is part of it", nil},
	".ci/run":           {"it takes minutes", map[string][]string{".ci/run": {"#!/usr/bin/env bash\n"}}},
	"testdata/bench/ci": {"it takes minutes", map[string][]string{"testdata/bench/ci": {"#!/usr/bin/env bash\n"}}},
	"testdata/waits/ci": {
		"it takes minutes",
		map[string][]string{"testdata/waits/ci": {"#!/usr/bin/env bash\n"}},
	},
}

// serving are the commands that run until they are stopped, and what they print
// once they serve. They get an address of their own.
var serving = map[string]string{
	"browseract-mcp http":      "listening",
	"browseract-mcp simulator": "A simulated BrowserAct account.",
}

// TestEveryCommandOfReadmeRuns runs the commands one after the other, as a user
// does who reads from the beginning and says yes to everything.
func TestEveryCommandOfReadmeRuns(t *testing.T) {
	t.Parallel()
	p := newUser(t)
	commands := commandsIn(readme(t))
	for _, command := range commands {
		if there, ok := elsewhere[command]; ok {
			for file, parts := range there.holds {
				for _, part := range parts {
					if !strings.Contains(text(t, file), part) {
						t.Errorf("%s: not run, as %s; but %s does not hold %q", command, there.why, file, part)
					}
				}
			}
			continue
		}
		if sign, ok := serving[command]; ok {
			p.serve(t, command, sign)
			continue
		}
		cmd := p.command(t.Context(), command)
		cmd.Stdin = strings.NewReader("yes\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
	for command := range elsewhere {
		if !slices.Contains(commands, command) {
			t.Errorf("README.md lacks %s", command)
		}
	}
	if len(commands) < 30 {
		t.Errorf("only %d commands were found: %q", len(commands), commands)
	}
}

// A user has a home, a key and the simulated account on the network.
type user struct{ env []string }

func newUser(t *testing.T) *user {
	t.Helper()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".browseract-key"), []byte(simulator.Key), 0o600); err != nil {
		t.Fatal(err)
	}
	account := httptest.NewServer(simulator.New())
	t.Cleanup(account.Close)
	env := slices.DeleteFunc(new(exec.Cmd).Environ(), func(v string) bool {
		return strings.HasPrefix(v, "BROWSERACT_") || strings.HasPrefix(v, "XDG_")
	})
	return &user{append(env,
		"HOME="+home, "USERPROFILE="+home, "APPDATA="+home, "LOCALAPPDATA="+home, "XDG_CACHE_HOME="+filepath.Join(home, "cache"),
		"BROWSERACT_API_URL="+account.URL, "BROWSERACT_API_KEY="+simulator.Key, "BROWSERACT_MCP_SIMULATOR_SPEED=1000",
	)}
}

// home is the user's folder.
func (p *user) home() string {
	for _, v := range slices.Backward(p.env) {
		if home, ok := strings.CutPrefix(v, "HOME="); ok {
			return home
		}
	}
	return ""
}

// command is what a shell makes of a line.
func (p *user) command(ctx context.Context, line string, more ...string) *exec.Cmd {
	words := append(strings.Fields(line), more...)
	for n, word := range words {
		if rest, ok := strings.CutPrefix(word, "~/"); ok {
			words[n] = filepath.Join(p.home(), rest)
		}
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env, cmd.Dir = p.env, p.home()
	return cmd
}

// serve runs a command until it says that it serves.
func (p *user) serve(t *testing.T, line, sign string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := p.command(ctx, line, "--listen=127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	served := false
	for lines := bufio.NewScanner(stderr); !served && lines.Scan(); {
		served = strings.Contains(lines.Text(), sign)
	}
	if !served {
		t.Errorf("%s does not say %q", line, sign)
	}
	if runtime.GOOS == "windows" {
		_ = cmd.Process.Kill() // there is no other way to stop it from here
	} else if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	_, _ = io.Copy(io.Discard, stderr)
	if err := cmd.Wait(); err != nil && runtime.GOOS != "windows" {
		t.Errorf("%s ends with %v", line, err)
	}
}

// helps is what --help says of all commands.
func helps(t *testing.T) string {
	t.Helper()
	p := newUser(t)
	var all bytes.Buffer
	for _, command := range []string{"", "http", "demo", "doctor", "tools", "install", "uninstall", "simulator", "completion"} {
		out, err := p.command(t.Context(), "browseract-mcp "+command+" --help").Output()
		if err != nil {
			t.Fatalf("%s --help: %v", command, err)
		}
		all.Write(out)
	}
	return all.String()
}

func TestEveryFlagAndVariableOfReadmeExists(t *testing.T) {
	t.Parallel()
	doc, known := readme(t), helps(t)
	for command := range elsewhere {
		doc = strings.ReplaceAll(doc, command, "")
	}
	flag, variable := regexp.MustCompile(`--[a-z][a-z-]*`), regexp.MustCompile(`\bBROWSERACT_[A-Z_]+`)
	seen := 0
	for _, is := range []struct{ pattern, known *regexp.Regexp }{{flag, flag}, {variable, variable}} {
		there := is.known.FindAllString(known, -1)
		for _, named := range is.pattern.FindAllString(doc, -1) {
			if seen++; !slices.Contains(there, named) {
				t.Errorf("README.md names %s, which no --help has", named)
			}
		}
	}
	http, err := newUser(t).command(t.Context(), "browseract-mcp http --help").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `http (--[^|]*)\\|").FindAllStringSubmatch(doc, -1) {
		for _, named := range flag.FindAllString(row[1], -1) {
			if !slices.Contains(flag.FindAllString(string(http), -1), named) {
				t.Errorf("README.md names http %s, which its --help lacks", named)
			}
		}
		seen++
	}
	if seen < 60 {
		t.Errorf("only %d flags and variables were found", seen)
	}
}

// TestSymptomsOfReadmeAreWhatTheProgramSays looks for what the table of
// troubleshooting quotes.
func TestSymptomsOfReadmeAreWhatTheProgramSays(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(readme(t), "\n## Troubleshooting\n")
	table, _, _ = strings.Cut(table, "\n## ")
	quoted := regexp.MustCompile(`(?m)^\| "([^"]+)" \|`).FindAllStringSubmatch(table, -1)
	if len(quoted) < 5 {
		t.Errorf("only %d symptoms are quoted", len(quoted))
	}
	var source strings.Builder
	for _, folder := range []string{"tools", "server", "browseract"} {
		err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				source.WriteString(text(t, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, symptom := range quoted {
		if !strings.Contains(source.String(), symptom[1]) {
			t.Errorf("nothing says %q", symptom[1])
		}
	}
}

// TestExitCodesAreThoseOfReadme runs a command for each exit code in README.md.
func TestExitCodesAreThoseOfReadme(t *testing.T) {
	t.Parallel()
	p := newUser(t)
	if !strings.Contains(strings.Join(strings.Fields(readme(t)), " "), "They exit with 0 when all went well, which for `doctor` includes warnings; with 2 if the command line or a setting cannot be understood; and with 1 if anything else went wrong.") {
		t.Error("README.md has other exit codes")
	}
	for command, want := range map[string]int{
		"browseract-mcp doctor --ledger=off":                 0, // with a warning
		"browseract-mcp doctor --api-url=http://127.0.0.1:9": 1,
		"browseract-mcp fly":                                 2,
		"browseract-mcp doctor --api-url=ftp://example.com":  2,
		"browseract-mcp uninstall cursor --client-config=.":  1, // a folder
	} {
		err := p.command(t.Context(), command).Run()
		got := 0
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			got = exit.ExitCode()
		}
		if got != want {
			t.Errorf("%s: %v, want code %d", command, err, want)
		}
	}
}

// TestTheOverlayOfReadmeIsOne lets the program read it.
func TestTheOverlayOfReadmeIsOne(t *testing.T) {
	t.Parallel()
	p := newUser(t)
	overlays := 0
	for _, block := range regexp.MustCompile("(?s)```yaml\n(expose:.*?)```").FindAllStringSubmatch(readme(t), -1) {
		path := filepath.Join(t.TempDir(), "overlay.yaml")
		if err := os.WriteFile(path, []byte(block[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := p.command(t.Context(), "browseract-mcp tools", "--config="+path).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "price_monitor") {
			t.Errorf("%v\n%s", err, out)
		}
		overlays++
	}
	if overlays == 0 {
		t.Error("there is no overlay")
	}
}
