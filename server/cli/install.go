package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/browseract/browseract-mcp/server/cli/clients"
	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

// entryFlags say which entry of which configuration is meant.
type entryFlags struct {
	Config string        `name:"client-config" type:"path" help:"The client's configuration, where it is not in its usual place."`
	Scope  clients.Scope `enum:"user,project" default:"user" help:"Configure the client for the user, or for the project in this folder."`
	Name   entryName     `default:"browseract" help:"Name of the entry."`
	DryRun bool          `help:"Show what would change, and change nothing."`
	Yes    bool          `short:"y" help:"Change it without asking."`
}

// An entryName is what a client calls the server.
type entryName string

var entryNames = lazyregexp.New(`^[A-Za-z0-9_-]{1,40}$`)

// Validate accepts names that every client takes.
func (n entryName) Validate() error {
	if !entryNames().MatchString(string(n)) {
		return errors.New("the name of an entry has 1 to 40 letters, digits, _ and -")
	}
	return nil
}

// installCommand configures a client to start this program.
type installCommand struct {
	Client     string `arg:"" optional:"" help:"The client, such as claude-desktop. Without it, the clients are listed with what is found of them."`
	entryFlags `embed:""`
	KeyEnv     variableName `name:"key-env" xor:"key" help:"Variable of the client's own environment that holds the API key."`
	EmbedKey   bool         `name:"embed-key" xor:"key" help:"Write the API key from BROWSERACT_API_KEY into the configuration."`
	Print      bool         `help:"Print the entry for a person to paste, and change nothing."`
}

// A variableName is the name of a variable of an environment.
type variableName string

var variableNames = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]{0,80}$`)

// Validate refuses other text, which may be a key.
func (n variableName) Validate() error {
	if n != "" && !variableNames().MatchString(string(n)) {
		return errors.New("invalid name of a variable")
	}
	return nil
}

// uninstallCommand removes the entry from a client's configuration.
type uninstallCommand struct {
	Client     string `arg:"" help:"The client, such as claude-desktop."`
	entryFlags `embed:""`
}

// Run adds the entry, or changes an older one, after asking. The entry starts this
// program with this command line's settings.
func (c *installCommand) Run(ctx context.Context, sys *system, flags *accountFlags, line *kong.Context) error {
	if c.Client == "" {
		return listClients(sys, string(c.Name))
	}
	client, err := findClient(c.Client)
	if err != nil {
		return err
	}
	key, err := c.key(sys, flags, client)
	if err != nil {
		return err
	}
	if err := flags.checkStart(sys); err != nil {
		return err
	}
	if c.Print {
		entry, err := c.entry(sys, flags, line, key, client)
		fmt.Fprint(sys.stdout, string(entry))
		return err
	}
	return c.install(ctx, sys, flags, line, key, client)
}

func (c *installCommand) install(ctx context.Context, sys *system, flags *accountFlags, line *kong.Context, key clients.Variable, client clients.Client) error {
	e, err := c.open(sys, client)
	if err != nil {
		return err
	}
	launch, err := launchOf(sys, flags, line, key, e.limits)
	if err != nil {
		return err
	}
	launch = replacing(launch, e.older)
	e.notes = slices.Concat(e.notes, notes(key, launch, e.older), limitNotes(flags.Policy, client))
	if key.Value != "" {
		e.mode = 0o600
	}
	if err := e.install(launch, withoutKey(launch)); err != nil {
		return err
	}
	return e.apply(ctx, sys)
}

// entry is a new one, without the key.
func (c *installCommand) entry(sys *system, flags *accountFlags, line *kong.Context, key clients.Variable, client clients.Client) ([]byte, error) {
	launch, err := launchOf(sys, flags, line, key, client.Max)
	if err != nil {
		return nil, err
	}
	return client.Install(nil, string(c.Name), withoutKey(launch))
}

// Run removes the entry, after asking.
func (c *uninstallCommand) Run(ctx context.Context, sys *system, _ *accountFlags) error {
	client, err := findClient(c.Client)
	if err != nil {
		return err
	}
	e, err := c.open(sys, client)
	if err != nil {
		return err
	}
	if err := e.uninstall(); err != nil {
		return err
	}
	return e.apply(ctx, sys)
}

func findClient(name string) (clients.Client, error) {
	if client, ok := clients.Find(name); ok {
		return client, nil
	}
	var names []string
	for _, client := range clients.All() {
		names = append(names, client.Name)
	}
	return clients.Client{}, usage(fmt.Errorf("unknown client %q: choose one of %s", name, strings.Join(names, ", ")))
}

// key is where the server that the client starts gets its key: where the command line
// says, else from a variable of the client's environment.
func (c *installCommand) key(sys *system, flags *accountFlags, client clients.Client) (clients.Variable, error) {
	key := clients.Variable{Name: keyVariable}
	switch {
	case c.EmbedKey && c.Scope == clients.Project:
		return key, usage(errors.New("--embed-key would put the key into a file that a project shares"))
	case c.EmbedKey:
		value, err := (&accountFlags{}).apiKey(sys.getenv)
		if value == "" && err == nil {
			err = errors.New("--embed-key takes the key from " + keyVariable + ", which is not set")
		}
		key.Value = value
		return key, err
	case c.KeyEnv != "":
		key.From = string(c.KeyEnv)
	case !flags.Simulator && flags.APIKeyFile == "":
		key.From = keyVariable
	}
	if !client.CanPass(key) {
		return key, usage(fmt.Errorf("%s cannot take the key from %s in its own environment: give --api-key-file=PATH, or --embed-key, or --simulator to try it without a key", client.Title, key.From))
	}
	return key, nil
}

// open reads the client's configuration. An entry that starts another program is an
// error: this one does not change it.
func (f entryFlags) open(sys *system, client clients.Client) (*configEdit, error) {
	path, err := f.path(sys, client)
	if err != nil {
		return nil, err
	}
	file, err := clients.ReadFile(path)
	if err != nil {
		return nil, err
	}
	launch, there, err := client.Installed(file.Data, string(f.Name))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	case there && !isOurs(launch.Command):
		return nil, fmt.Errorf("%s: the entry %s does not start %s, so it stays as it is: remove it by hand, or choose another --name", path, f.Name, program)
	}
	limits, err := client.Limits(file.Data, string(f.Name))
	if err != nil {
		return nil, err
	}
	e := &configEdit{client: client, file: file, mode: file.Mode, flags: f, hadKey: holdsKey(launch), older: launch, limits: limits}
	if line := client.NonJSONLine(file.Data); line > 0 {
		e.notes = append(e.notes, fmt.Sprintf("Line %d is not plain JSON, a comment perhaps, or a comma too many: %s may ignore the whole file.", line, client.Title))
	}
	return e, nil
}

func holdsKey(launch clients.Launch) bool {
	return slices.ContainsFunc(launch.Env, func(v clients.Variable) bool {
		return v.Name == keyVariable && v.Value != "" && !placeholder().MatchString(v.Value)
	})
}

func (f entryFlags) path(sys *system, client clients.Client) (string, error) {
	if f.Config != "" {
		return f.Config, nil
	}
	path, err := client.Config(machine(sys), f.Scope)
	if errors.Is(err, clients.ErrNoProject) {
		err = usage(err)
	}
	return path, err
}

func machine(sys *system) clients.Machine {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	return clients.Machine{
		OS: runtime.GOOS, Dir: dir, Getenv: sys.getenv,
		Exists: func(path string) bool {
			_, err := os.Stat(path)
			return err == nil
		},
	}
}

func isOurs(command string) bool {
	executable, err := os.Executable()
	base := command[strings.LastIndexAny(command, `/\`)+1:]
	return strings.HasPrefix(base, program) || err == nil && base == filepath.Base(executable)
}

func listClients(sys *system, name string) error {
	m := machine(sys)
	for _, client := range clients.All() {
		path, err := client.Config(m, clients.User)
		if err != nil {
			return err
		}
		fmt.Fprintf(sys.stdout, "%-15s %-23s %-10s %s\n", client.Name, client.Title, state(client, m, path, name), path)
	}
	fmt.Fprintf(sys.stdout, "\nConfigure one with: %s install CLIENT\n", program)
	return nil
}

func state(client clients.Client, m clients.Machine, path, name string) string {
	file, err := clients.ReadFile(path)
	if err != nil {
		return "unreadable"
	}
	_, there, err := client.Installed(file.Data, name)
	switch {
	case err != nil:
		return "unreadable"
	case there:
		return "installed"
	case client.Present(m):
		return "found"
	}
	return "-"
}
