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
	Force bool `help:"Write it in the place of one that is there, which is kept beside it."`
}

const (
	// initTimeout is how long the account's workflows have to be read.
	initTimeout = time.Minute
	// mostOn is how many workflows an overlay begins with as tools: each costs every
	// prompt something.
	mostOn = 10
	// mostSketched is how many there are in it at all.
	mostSketched = 200
)

// Run reads the workflows and writes the overlay.
func (c configInitCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	path := flags.Exposed.path(sys)
	if path == "" {
		return misused(errors.New("your configuration folder is not known: name the file with --config"))
	}
	if _, err := os.Lstat(path); err == nil && !c.Force {
		return fmt.Errorf("%s is there already, and stays as it is: give --force, or another --config", path)
	}
	a, err := flags.open(sys, own)
	if err != nil {
		return err
	}
	defer func() { a.close() }()
	if a.key == "" {
		return fmt.Errorf("the workflows are read with the API key: %s", cmp.Or(a.keyProblem, "set "+keyVariable))
	}
	ctx, cancel := context.WithTimeout(ctx, initTimeout)
	defer cancel()
	sketched, err := sketch(ctx, sys, flags, a)
	if err != nil {
		return fmt.Errorf("the workflows cannot be read: %w", err)
	}
	return c.write(sys, path, sketched)
}

// sketch makes tools of the account's published workflows, newest first.
func sketch(ctx context.Context, sys *system, flags *accountFlags, a *account) ([]custom.OverlayTool, error) {
	all, err := a.client.AllWorkflows(ctx)
	if err != nil {
		return nil, err
	}
	published := slices.DeleteFunc(slices.Clone(all), func(w browseract.Workflow) bool { return w.PublishedAt.IsZero() })
	var entries []custom.Entry
	for _, w := range published[:min(len(published), mostSketched)] {
		entries = append(entries, custom.Entry{Target: custom.Target{Kind: custom.Workflow, ID: string(w.ID)}})
	}
	e := &exposure{}
	if err := e.connect(ctx, sys, a, flags.APIURL); err != nil {
		return nil, err
	}
	e.read(ctx, sys, entries) // what cannot be read is not sketched
	entries = slices.DeleteFunc(entries, func(entry custom.Entry) bool {
		_, known := e.cache.Definition(entry.Target)
		return !known
	})
	if len(entries) == 0 && len(published) > 0 {
		return nil, errors.New("none of their definitions could be read; see " + program + " doctor")
	}
	built, err := flags.build(entries, e.cache.Definition)
	if err != nil {
		return nil, err
	}
	sketched := make([]custom.OverlayTool, len(built))
	for i, tool := range built {
		def, _ := e.cache.Definition(tool.Target)
		sketched[i] = custom.OverlayTool{Tool: tool, Definition: def, Disabled: i >= mostOn}
	}
	return sketched, nil
}

func (c configInitCommand) write(sys *system, path string, sketched []custom.OverlayTool) error {
	file, err := clients.ReadFile(path)
	if err != nil {
		return err
	}
	// Only its owner may read it: a fixed value may be a secret.
	backup, err := file.Replace(custom.WriteOverlay(sketched), 0o600, time.Now())
	if err != nil {
		return err
	}
	t := transcript{sys.stdout}
	t.put("", "Wrote "+path+".", " ")
	if backup != "" {
		t.put("", "What was there before is "+backup+".", " ")
	}
	on, cost := 0, 0
	for _, tool := range sketched {
		if !tool.Disabled {
			on++
			cost += tool.Tokens()
		}
	}
	t.put("", fmt.Sprintf("%d of %d published workflows are tools in it, for about %d tokens a prompt; the others are there behind #.", on, len(sketched), cost), " ")
	t.put("", "Edit it, then look it over with: "+program+" config check", " ")
	return nil
}

// configCheckCommand looks for mistakes.
type configCheckCommand struct {
	File string `arg:"" optional:"" type:"path" help:"The overlay; by default that of --config, or the one in your configuration folder."`
}

// Run prints what is wrong, a line each, or what each tool costs.
func (c configCheckCommand) Run(_ context.Context, sys *system, flags *accountFlags) error {
	path := cmp.Or(c.File, flags.Exposed.path(sys))
	if path == "" {
		return misused(errors.New("there is no overlay: name one"))
	}
	data, err := readOverlayFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no overlay at %s; %s config init writes one", path, program)
	}
	if err != nil {
		return err
	}
	entries, problems := custom.Parse(data)
	built, more := flags.judge(sys, entries)
	if len(problems) == 0 {
		problems = more
	}
	for _, p := range problems {
		fmt.Fprintf(sys.stdout, "%s:%d: %s\n", path, max(p.Line, 1), p.Message)
	}
	if n := len(problems); n > 0 {
		return fmt.Errorf("%s in %s", counted(n, "mistake"), path)
	}
	printCosts(sys, built)
	return nil
}

// judge finds what is wrong with sound entries in this configuration. The
// definitions are those of the cache.
func (f *accountFlags) judge(sys *system, entries []custom.Entry) ([]*custom.Tool, []custom.OverlayError) {
	known := func(custom.Target) (custom.Definition, bool) { return custom.Definition{}, false }
	key, _ := f.apiKey(sys.getenv) // without one there is no cache
	a := &account{key: key, simulated: f.Simulator}
	if cache, err := custom.OpenCache(a.cachePath(sys, f.APIURL)); err == nil {
		known = cache.Definition
	}
	built, err := f.build(entries, known)
	if err != nil {
		return nil, []custom.OverlayError{problemOf(err)}
	}
	if err := tools.CheckCreditCaps(built, f.Policy.policy(), f.Policy.ledgerPath(sys, f.Simulator) != "off"); err != nil {
		return nil, []custom.OverlayError{problemOf(err)}
	}
	return built, nil
}

// problemOf takes the line out of an error that begins with it.
func problemOf(err error) custom.OverlayError {
	p := custom.OverlayError{Message: err.Error()}
	if _, scanErr := fmt.Sscanf(p.Message, "line %d:", &p.Line); scanErr == nil {
		_, p.Message, _ = strings.Cut(p.Message, ": ")
	}
	return p
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func printCosts(sys *system, built []*custom.Tool) {
	t, total := transcript{sys.stdout}, 0
	for _, tool := range built {
		n := tool.Tokens()
		total += n
		about := tool.Target.String()
		if !tool.Known {
			about += " (as the overlay says)"
		}
		t.put(fmt.Sprintf("%-40s ~%4d  ", tool.Name, n), about, " ")
	}
	t.put("", fmt.Sprintf("No mistakes. A prompt costs about %d tokens more with %s.", total, counted(len(built), "tool")), " ")
}
