package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
)

// section is what README.md says of a client.
var section = regexp.MustCompile("(?s)<details><summary>([^\n]+)</summary>\n\n`(browseract-mcp install (\\S+)[^`]*)`, or by hand in [^\n]+:\n\n```(json|toml|yaml)\n(.*?)```\n\n</details>")

// TestEachClientOfReadmeStarts reads what a user pastes, with a parser of that
// format, holds it against what install writes, and starts it.
func TestEachClientOfReadmeStarts(t *testing.T) {
	t.Parallel()
	p := newUser(t)
	listed, err := p.command(t.Context(), "browseract-mcp install").Output()
	if err != nil {
		t.Fatal(err)
	}
	list, _, _ := strings.Cut(string(listed), "\n\n")
	sections := section.FindAllStringSubmatch(readme(t), -1)
	if clients := strings.Count(list, "\n") + 1; len(sections) != clients {
		t.Errorf("README.md has sections for %d clients, install knows %d", len(sections), clients)
	}
	for _, s := range sections {
		title, client, format, block := s[1], s[3], s[4], s[5]
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			if !regexp.MustCompile(`(?m)^` + client + ` +` + regexp.QuoteMeta(title) + `  `).MatchString(list) {
				t.Errorf("install does not know %s as %s", client, title)
			}
			doc := parse(t, format, block)
			// The user's environment sets these otherwise.
			install := "browseract-mcp install " + client + " --print --api-url=https://api.browseract.com --simulator-speed=15"
			printed, err := p.command(t.Context(), install).Output()
			if err != nil { // the client cannot take the key from its environment
				printed, err = p.command(t.Context(), install+" --embed-key").Output()
			}
			if err != nil {
				t.Fatal(err)
			}
			program, err := exec.LookPath("browseract-mcp")
			if err != nil {
				t.Fatal(err)
			}
			sample := strings.NewReplacer(strings.ReplaceAll(program, `\`, `\\`), "/path/to/browseract-mcp", "THE-API-KEY", "app-...").Replace(string(printed))
			if diff := cmp.Diff(fmt.Sprint(parse(t, format, sample)), fmt.Sprint(doc)); diff != "" {
				t.Errorf("install writes something else (-install +README.md):\n%s", diff)
			}
			start(t, p, doc)
		})
	}
}

// parse reads a configuration.
func parse(t *testing.T, format, text string) map[string]any {
	t.Helper()
	read := map[string]func([]byte, any) error{
		"json": json.Unmarshal,
		"toml": toml.Unmarshal,
		"yaml": yaml.Unmarshal,
	}
	var doc map[string]any
	if err := read[format]([]byte(text), &doc); err != nil {
		t.Fatalf("no %s: %v\n%s", format, err, text)
	}
	return doc
}

// start starts what an entry says, on the simulated account, and asks for the tools.
func start(t *testing.T, p *user, doc map[string]any) {
	t.Helper()
	command := commandOf(doc)
	if len(command) == 0 || command[0] != "/path/to/browseract-mcp" {
		t.Fatalf("it starts %q", command)
	}
	cmd := p.command(t.Context(), "browseract-mcp", append(command[1:], "--simulator")...)
	cmd.Stdin = strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"reader","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
`)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answered := false
	for line := range bytes.Lines(out) {
		var m struct {
			ID     int
			Result struct{ Tools []struct{ Name string } }
		}
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatal(err)
		}
		answered = answered || m.ID == 2 && len(m.Result.Tools) == 12
	}
	if !answered {
		t.Errorf("it does not list twelve tools:\n%s", out)
	}
}

// commandOf finds the command line of the one server in a configuration: under
// command or cmd, with args or with all in one list.
func commandOf(value any) []string {
	members, _ := value.(map[string]any)
	for _, key := range []string{"command", "cmd"} {
		switch command := members[key].(type) {
		case string:
			return append([]string{command}, texts(members["args"])...)
		case []any:
			return texts(command)
		}
	}
	var all []string
	for _, member := range members {
		all = slices.Concat(all, commandOf(member))
	}
	return all
}

func texts(list any) []string {
	var out []string
	all, _ := list.([]any)
	for _, element := range all {
		out = append(out, fmt.Sprint(element))
	}
	return out
}
