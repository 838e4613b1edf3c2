package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/server/cli/clients"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/custom"
)

// configCommand is about the overlay.
type configCommand struct {
	Init  configInitCommand  `cmd:"" help:"Write an overlay from your account's workflows, with comments."`
	Check configCheckCommand `cmd:"" help:"Look for mistakes in the overlay, without a network."`
}

// configInitCommand writes an overlay to begin with.
type configInitCommand struct {
	Force bool `help:"Replace an overlay that exists; it is kept beside the new one."`
}

// maxEnabled is how many workflows a new overlay makes tools of: each adds to every
// prompt. maxWritten is how many it has, commented-out ones included.
const maxEnabled, maxWritten = 10, 200

// Run reads the workflows and writes the overlay.
func (c configInitCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	path := flags.Custom.path(sys)
	if path == "" {
		return usage(errors.New("your configuration folder is unknown: name the file with --config"))
	}
	if _, err := os.Lstat(path); err == nil && !c.Force {
		return fmt.Errorf("%s exists: give --force, or another --config", path)
	}
	a, err := flags.open(sys, staticKey)
	if err != nil {
		return err
	}
	defer a.close()
	if a.key == "" {
		return fmt.Errorf("reading the workflows needs the API key: %s", cmp.Or(a.keyProblem, "set "+keyVariable))
	}
	ctx, cancel := context.WithTimeout(ctx, initTimeout)
	defer cancel()
	overlay, err := newOverlay(ctx, sys, flags, a)
	if err != nil {
		return fmt.Errorf("the workflows cannot be read: %w", err)
	}
	return c.write(sys, path, overlay)
}

// newOverlay makes tools of the account's published workflows, newest first.
func newOverlay(ctx context.Context, sys *system, flags *accountFlags, a *account) ([]custom.OverlayTool, error) {
	all, err := a.client.AllWorkflows(ctx)
	if err != nil {
		return nil, err
	}
	published := slices.DeleteFunc(slices.Clone(all), func(w browseract.Workflow) bool { return w.PublishedAt.IsZero() })
	var entries []custom.Entry
	for _, w := range published[:min(len(published), maxWritten)] {
		entries = append(entries, custom.Entry{Target: custom.Target{Kind: custom.Workflow, ID: string(w.ID)}})
	}
	c := &customTools{}
	if err := c.connect(ctx, sys, a, flags.APIURL); err != nil {
		return nil, err
	}
	c.fetch(ctx, sys, entries)
	entries = slices.DeleteFunc(entries, func(entry custom.Entry) bool {
		_, known := c.cache.Definition(entry.Target)
		return !known
	})
	if len(entries) == 0 && len(published) > 0 {
		return nil, errors.New("none of their definitions could be read; see " + program + " doctor")
	}
	built, err := flags.build(entries, c.cache.Definition)
	overlay := make([]custom.OverlayTool, len(built))
	for i, tool := range built {
		def, _ := c.cache.Definition(tool.Target)
		overlay[i] = custom.OverlayTool{Tool: tool, Definition: def, Disabled: i >= maxEnabled}
	}
	return overlay, err
}

func (c configInitCommand) write(sys *system, path string, overlay []custom.OverlayTool) error {
	file, err := clients.ReadFile(path)
	if err != nil {
		return err
	}
	// Only its owner may read it: a fixed value may be a secret.
	backup, err := file.Replace(custom.WriteOverlay(overlay), 0o600, time.Now())
	if err != nil {
		return err
	}
	t := textWriter{sys.stdout}
	t.say("Wrote " + path + ".")
	if backup != "" {
		t.say("The previous file is " + backup + ".")
	}
	enabled, tokens := 0, 0
	for _, tool := range overlay {
		if !tool.Disabled {
			enabled++
			tokens += tool.Tokens()
		}
	}
	t.say(fmt.Sprintf("%d of %d published workflows are tools in it, for about %d tokens a prompt; the others are commented out.", enabled, len(overlay), tokens))
	t.say("Edit it, then check it with: " + program + " config check")
	return nil
}

// configCheckCommand looks for mistakes.
type configCheckCommand struct {
	File string `arg:"" optional:"" type:"path" help:"The overlay; by default that of --config, or the one in your configuration folder."`
}

// Run prints each mistake on a line, or what each tool costs.
func (c configCheckCommand) Run(_ context.Context, sys *system, flags *accountFlags) error {
	path := cmp.Or(c.File, flags.Custom.path(sys))
	if path == "" {
		return usage(errors.New("there is no overlay: name one"))
	}
	data, err := readOverlayFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no overlay at %s; %s config init writes one", path, program)
	}
	if err != nil {
		return err
	}
	entries, mistakes := custom.Parse(data)
	built, more := flags.check(sys, entries)
	if len(mistakes) == 0 {
		mistakes = more
	}
	for _, m := range mistakes {
		fmt.Fprintf(sys.stdout, "%s:%d: %s\n", path, max(m.Line, 1), m.Message)
	}
	if n := len(mistakes); n > 0 {
		return fmt.Errorf("%s in %s", plural(n, "mistake"), path)
	}
	printTokens(sys, built)
	return nil
}

// check finds mistakes in parsed entries with these settings. Definitions come from
// the cache.
func (f *accountFlags) check(sys *system, entries []custom.Entry) ([]*custom.Tool, []custom.OverlayError) {
	known := func(custom.Target) (custom.Definition, bool) { return custom.Definition{}, false }
	key, _ := f.apiKey(sys.getenv) // without one there is no cache
	a := &account{key: key, simulated: f.Simulator}
	if cache, err := custom.OpenCache(a.cachePath(sys, f.APIURL)); err == nil {
		known = cache.Definition
	}
	built, err := f.build(entries, known)
	if err == nil {
		err = tools.CheckCreditCaps(built, f.Policy.policy(), f.Policy.ledgerPath(sys, f.Simulator) != noLedger)
	}
	if err != nil {
		return nil, []custom.OverlayError{mistakeOf(err)}
	}
	return built, nil
}

// mistakeOf takes the line out of an error that begins with it.
func mistakeOf(err error) custom.OverlayError {
	m := custom.OverlayError{Message: err.Error()}
	if _, scanErr := fmt.Sscanf(m.Message, "line %d:", &m.Line); scanErr == nil {
		_, m.Message, _ = strings.Cut(m.Message, ": ")
	}
	return m
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func printTokens(sys *system, built []*custom.Tool) {
	t, total := textWriter{sys.stdout}, 0
	for _, tool := range built {
		n := tool.Tokens()
		total += n
		target := tool.Target.String()
		if !tool.Known {
			target += " (as the overlay says)"
		}
		t.put(fmt.Sprintf("%-40s ~%4d  ", tool.Name, n), target, " ")
	}
	t.say(fmt.Sprintf("No mistakes. A prompt costs about %d tokens more with %s.", total, plural(len(built), "tool")))
}
