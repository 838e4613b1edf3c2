package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

// entryTimeout is how long an entry has to start and to list its tools: the
// hastiest clients give it as long.
const entryTimeout = 5 * time.Second

// clients looks for clients on this machine, and starts what their entries of
// this program say, as they would.
func (x *examination) clients(ctx context.Context) []finding {
	var looks []func() []finding
	for _, client := range clients.All() {
		for _, scope := range []clients.Scope{clients.User, clients.Project} {
			looks = append(looks, func() []finding { return x.client(ctx, client, scope) })
		}
	}
	found := make([][]finding, len(looks))
	var all sync.WaitGroup
	for n, look := range looks {
		all.Go(func() { found[n] = look() })
	}
	all.Wait()
	if all := slices.Concat(found...); len(all) > 0 {
		return all
	}
	return ok("clients", "none that is known was found")
}

// client looks at one configuration. One that is not there is not worth a line.
func (x *examination) client(ctx context.Context, client clients.Client, scope clients.Scope) []finding {
	path, err := client.Config(x.machine, scope)
	if err != nil || scope == clients.Project && !x.isOfProject(client, path) {
		return nil
	}
	file, err := clients.ReadFile(path)
	var entries []string
	if err == nil {
		entries, err = client.Entries(file.Data)
	}
	if err != nil {
		return warn(client.Name, fmt.Sprintf("%s: %v", path, err), "Correct the file: until then "+client.Title+" may start no server at all.")
	}
	var found []finding
	for _, name := range entries {
		launch, _, err := client.Installed(file.Data, name)
		if err == nil && isOurs(launch.Command) {
			found = append(found, x.entry(ctx, entry{client, scope, path, name, launch})...)
		}
	}
	if len(found) == 0 && scope == clients.User && client.Present(x.machine) {
		return ok(client.Name, "found, without an entry: "+program+" install "+client.Name+" adds one")
	}
	return found
}

// isOfProject reports whether there is such a configuration, and another one than
// the user's: a person may be at home.
func (x *examination) isOfProject(client clients.Client, path string) bool {
	user, err := client.Config(x.machine, clients.User)
	return x.machine.Exists(path) && (err != nil || !isSameFile(path, user))
}

// An entry is how a client starts this program.
type entry struct {
	client clients.Client
	scope  clients.Scope
	path   string
	name   string
	launch clients.Launch
}

// entry starts what an entry says, if that is safe to do.
func (x *examination) entry(ctx context.Context, e entry) []finding {
	again := fmt.Sprintf("Install it again: %s install %s", program, e.client.Name)
	if e.name != program && e.name != "browseract" {
		again += " --name=" + e.name
	}
	if e.scope == clients.Project {
		again += " --scope=project"
	}
	what := fmt.Sprintf("%s in %s", e.name, e.path)
	if problem := x.unsafe(e); problem != "" {
		return warn(e.client.Name, what+" was not tried: "+problem, again)
	}
	env, missing := x.environment(e.launch)
	if missing != "" {
		return warn(e.client.Name, what+" takes "+missing+" from the client's environment, which this one has not", "Start the client where "+missing+" is set, or install it with --api-key-file=PATH.")
	}
	ctx, cancel := context.WithTimeout(ctx, entryTimeout)
	defer cancel()
	began := time.Now()
	hello, err := greet(ctx, e.launch.Command, e.launch.Args, env)
	if err != nil {
		return failed(e.client.Name, what+": "+err.Error(), again)
	}
	took := time.Since(began).Round(time.Millisecond)
	found := fmt.Sprintf("%s starts and lists %d tools in %s", what, hello.tools, took)
	if hello.version != x.sys.program.Version {
		return after(took, warn(e.client.Name, found+"; it is "+hello.version+" and not this program's version", again))
	}
	return after(took, ok(e.client.Name, found))
}

// unsafe says why an entry is not started: whoever wrote a project's file may have
// named any program, and commands other than serve do other things.
func (x *examination) unsafe(e entry) string {
	if own, err := x.sys.executable(); e.scope == clients.Project && (err != nil || !isSameFile(own, e.launch.Command)) {
		return "the file belongs to a project, and its program is not this one"
	}
	quiet := *x.sys
	quiet.stdout, quiet.stderr = io.Discard, io.Discard
	var g grammar
	command, err := quiet.parse(&g, e.launch.Args)
	switch {
	case err != nil:
		return "this version does not understand its arguments (" + strings.TrimSuffix(err.Error(), "; see "+program+" --help") + ")"
	case command == nil || command.Command() != "serve":
		return "its arguments do not start the server"
	}
	return ""
}

// environment are the variables that an entry adds, and the name of one that it
// takes from where it is not.
func (x *examination) environment(l clients.Launch) (env []string, missing string) {
	for _, v := range l.Env {
		value := v.Value
		if v.From != "" {
			value = x.sys.getenv(v.From)
		}
		if value == "" && v.From != "" {
			return nil, v.From
		}
		env = append(env, v.Name+"="+value)
	}
	return env, ""
}
