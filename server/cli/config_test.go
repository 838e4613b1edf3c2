package cli_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/server/cli"
)

// overlayOf is where the overlay of a user is.
func overlayOf(env environment) string {
	if runtime.GOOS == "darwin" {
		return filepath.Join(env["HOME"], "Library", "Application Support", "browseract-mcp", "browseract-mcp.yaml")
	}
	return filepath.Join(env["XDG_CONFIG_HOME"], "browseract-mcp", "browseract-mcp.yaml")
}

func TestConfigInitWritesAnOverlayThatIsServedAtOnce(t *testing.T) {
	t.Parallel()
	account := simulator.New()
	env := home(t, serveAccount(t, account))
	got := run(t.Context(), env, "", "config", "init")
	if got.err != nil || !strings.Contains(got.stdout, "10 of 39 published workflows are tools") {
		t.Fatalf("got %v, %s", got.err, got.stdout)
	}
	info, err := os.Stat(overlayOf(env))
	if err != nil || (runtime.GOOS != "windows" && info.Mode().Perm() != 0o600) {
		t.Fatalf("%v, %v", info, err)
	}
	asked := len(account.Requests())
	if got := run(t.Context(), env, "", "config", "check"); got.err != nil || !strings.Contains(got.stdout, "No mistakes. A prompt costs about") || len(account.Requests()) != asked {
		t.Errorf("got %v, %s, %d requests", got.err, got.stdout, len(account.Requests())-asked)
	}
	tools, _ := offeredTools(t, env)
	if len(tools) != 22 || !strings.Contains(string(tools["price_monitor"].InputSchema), `"required":["product_url"]`) {
		t.Errorf("%d tools are offered", len(tools))
	}
}

func TestConfigInitOverwritesNothingUnlessForced(t *testing.T) {
	t.Parallel()
	env := home(t, serveAccount(t, simulator.New()))
	path := writeOverlay(t, "# mine\n")
	got := run(t.Context(), env, "", "config", "init", "--config", path)
	if raw, err := os.ReadFile(path); got.err == nil || !strings.Contains(got.message(), "--force") || err != nil || string(raw) != "# mine\n" {
		t.Errorf("got %v, and %q", got.err, raw)
	}
	got = run(t.Context(), env, "", "config", "init", "--config", path, "--force")
	kept, err := filepath.Glob(path + ".*")
	if got.err != nil || err != nil || len(kept) != 1 {
		t.Fatalf("got %v, kept %v", got.err, kept)
	}
	if raw, err := os.ReadFile(kept[0]); err != nil || string(raw) != "# mine\n" {
		t.Errorf("kept %q, %v", raw, err)
	}
}

func TestConfigInitNeedsAKeyAndAnAnswer(t *testing.T) {
	t.Parallel()
	account := simulator.New()
	env := home(t, serveAccount(t, account))
	account.Inject(simulator.Fault{Endpoint: "get-workflow", Status: 400, Code: 10999, Msg: "no"})
	if got := run(t.Context(), env, "", "config", "init"); got.err == nil || !strings.Contains(got.message(), "none of their definitions") {
		t.Errorf("got %v", got.err)
	}
	delete(env, "BROWSERACT_API_KEY")
	if got := run(t.Context(), env, "", "config", "init"); got.err == nil || !strings.Contains(got.message(), "set BROWSERACT_API_KEY") {
		t.Errorf("got %v", got.err)
	}
	if _, err := os.Stat(overlayOf(env)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
	if got := run(t.Context(), nil, "", "config", "init"); !errors.Is(got.err, cli.ErrUsage) {
		t.Errorf("without a folder: got %v", got.err)
	}
}

func TestConfigCheckReportsEachMistakeWithItsLine(t *testing.T) {
	t.Parallel()
	for overlay, want := range map[string][]string{
		"expose:\n  - workflow: a\n    nam: x\n    inputs: {b: {type: date}}\n": {`:3: a tool has no "nam"; did you mean "name"?`, `:4: there is no type "date"`},
		"expose:\n  - workflow: a\n    name: get_task\n":                        {":2: get_task is a tool of this server"},
		"expose: [\n": {":"},
	} {
		path := writeOverlay(t, overlay)
		got := run(t.Context(), nil, "", "config", "check", path)
		if got.err == nil || !strings.Contains(got.message(), fmt.Sprintf("%d mistake", len(want))) {
			t.Errorf("got %v", got.err)
		}
		for _, line := range want {
			if !strings.Contains(got.stdout, path+line) {
				t.Errorf("got %s, want %s", got.stdout, line)
			}
		}
	}
	capped := writeOverlay(t, "expose:\n  - workflow: a\n    max_credits: 5\n")
	for args, want := range map[string]string{
		"":                  "",
		"--budget-mode=off": ":2: max_credits has no effect while the budget mode is off",
		"--ledger=off":      ":2: max_credits needs the ledger of runs",
	} {
		got := run(t.Context(), nil, "", append([]string{"config", "check", capped}, strings.Fields(args)...)...)
		if (got.err != nil) != (want != "") || !strings.Contains(got.stdout, want) {
			t.Errorf("%s: got %v, %s", args, got.err, got.stdout)
		}
	}
	if got := run(t.Context(), nil, "", "config", "check"); !errors.Is(got.err, cli.ErrUsage) {
		t.Errorf("without an overlay: got %v", got.err)
	}
}

// The README's overlay is what people begin with.
func TestReadmesOverlayIsSound(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "```yaml\nexpose:")
	example, _, _ := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the README has no overlay")
	}
	path := writeOverlay(t, "expose:"+example)
	if got := run(t.Context(), nil, "", "config", "check", path); got.err != nil || !strings.Contains(got.stdout, "price_monitor") {
		t.Errorf("got %v, %s", got.err, got.stdout)
	}
	got := run(t.Context(), nil, toolsList, "--simulator", "--config", path)
	if got.err != nil || !strings.Contains(got.stdout, `"max_items":{"type":"integer","default":20}`) {
		t.Errorf("got %v, %s", got.err, got.stderr)
	}
}
