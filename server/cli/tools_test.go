package cli_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/server/cli"
)

const toolsList = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}` + "\n"

func TestToolsAsJSONAreThoseOfTheServer(t *testing.T) {
	t.Parallel()
	for _, settings := range [][]string{nil, {"--callback-hosts=hooks.example.com"}} {
		printed := run(t.Context(), nil, "", append([]string{"tools", "--json"}, settings...)...)
		if printed.err != nil {
			t.Fatal(printed.err)
		}
		var reply struct{ Result struct{ Tools []any } }
		served := run(t.Context(), nil, toolsList, append([]string{"--simulator"}, settings...)...)
		if err := json.Unmarshal([]byte(served.stdout), &reply); err != nil {
			t.Fatal(err)
		}
		var list struct {
			Tools  []any
			Tokens struct {
				Tools  map[string]int
				Total  int
				Exact  bool
				Budget struct{ Default, All int }
			}
		}
		if err := json.Unmarshal([]byte(printed.stdout), &list); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(reply.Result.Tools, list.Tools); diff != "" || len(list.Tools) != 12 {
			t.Errorf("%v: %d tools, (-served +printed):\n%s", settings, len(list.Tools), diff)
		}
		sum := 0
		for _, n := range list.Tokens.Tools {
			sum += n
		}
		if cost := list.Tokens; len(cost.Tools) != 12 || cost.Total != sum || !cost.Exact || cost.Total > cost.Budget.Default || cost.Budget.Default > cost.Budget.All {
			t.Errorf("%v: the tokens are %+v", settings, cost)
		}
		if got := strings.Contains(printed.stdout, "callback_url"); got != (settings != nil) {
			t.Errorf("with %v runs take callbacks: %t", settings, got)
		}
	}
}

func TestToolsArePrintedForPeople(t *testing.T) {
	t.Parallel()
	got := run(t.Context(), nil, "", "tools")
	if got.err != nil || got.stderr != "" {
		t.Errorf("ended with %v and %q on stderr", got.err, got.stderr)
	}
	inOrder(t, got.stdout, "get_task          reads  1", "list_workflows    reads  ", "run_workflow      acts   2", "stop_task         acts   ",
		"12 tools cost a prompt 1", "tokens (o200k).", "2400 for the default ones and 3000 for all together.")
	for line := range strings.Lines(got.stdout) {
		if len(strings.TrimSuffix(line, "\n")) > 80 {
			t.Errorf("%d columns: %q", len(line)-1, line)
		}
	}
}

func TestToolsInMarkdownAreThoseOfReadme(t *testing.T) {
	t.Parallel()
	got := run(t.Context(), nil, "", "tools", "--markdown")
	if got.err != nil {
		t.Fatal(got.err)
	}
	_, table, _ := strings.Cut(contents(t, "../../README.md"), "<!-- tools -->\n")
	table, _, _ = strings.Cut(table, "<!-- /tools -->")
	if diff := cmp.Diff(got.stdout, table); diff != "" {
		t.Errorf("README.md differs (-tools --markdown +README.md):\n%s", diff)
	}
	if wide := run(t.Context(), nil, "", "tools", "--markdown", "--json"); !errors.Is(wide.err, cli.ErrUsage) {
		t.Errorf("both forms: %v", wide.err)
	}
}

func TestFoldBreaksAfterSeparatorsOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line, separator string
		width           int
		want            []string
	}{
		{"", " ", 5, []string{""}},
		{"one two", " ", 7, []string{"one two"}},
		{"one two", " ", 6, []string{"one ", "two"}},
		{"one two", " ", 3, []string{"one ", "two"}},
		{"indivisible", " ", 3, []string{"indivisible"}},
		{"a,bb,ccc", ",", 5, []string{"a,bb,", "ccc"}},
		{"äöü äöü", " ", 3, []string{"äöü ", "äöü"}},
	} {
		if diff := cmp.Diff(c.want, cli.Fold(c.line, c.separator, c.width)); diff != "" {
			t.Errorf("%q at %d (-want +got):\n%s", c.line, c.width, diff)
		}
	}
}

func TestFolderForDownloadsAddsTheToolThatSaves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, got := range map[string]outcome{
		"printed":       run(t.Context(), nil, "", "tools", "--json", "--download-dir", dir),
		"served":        run(t.Context(), nil, toolsList, "--simulator", "--download-dir", dir),
		"by a variable": run(t.Context(), environment{"BROWSERACT_MCP_DOWNLOAD_DIR": dir}, toolsList, "--simulator"),
	} {
		if got.err != nil || !strings.Contains(got.stdout, `"save_task_output"`) {
			t.Errorf("%s: %v, without save_task_output", name, got.err)
		}
	}
}

func TestNothingIsSavedOverHTTP(t *testing.T) {
	t.Parallel()
	got := run(t.Context(), nil, "", "http", "--simulator", "--download-dir", t.TempDir())
	if !errors.Is(got.err, cli.ErrUsage) || !strings.Contains(got.message(), "hands over links") {
		t.Errorf("got %v", got.err)
	}
}

func TestDoctorTriesTheFolderForDownloads(t *testing.T) {
	t.Parallel()
	good := t.TempDir()
	for dir, want := range map[string]string{good: "ok       saving         into", filepath.Join(good, "no", "such"): "error    saving "} {
		if got := run(t.Context(), nil, "", "doctor", "--simulator", "--download-dir", dir); !strings.Contains(got.stdout, want) {
			t.Errorf("%s: got %s", dir, got.stdout)
		}
	}
}
