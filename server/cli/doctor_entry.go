package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

// entryTimeout is how long an entry has to start and to list its tools: the
// hastiest clients give it as long.
const entryTimeout = 5 * time.Second

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
	what := fmt.Sprintf("%s in %s", e.name, e.path)
	added, missing := x.added(e.launch)
	if missing != "" {
		return warn(e.client.Name, what+" takes "+missing+" from the client's environment, which this one has not", "Start the client where "+missing+" is set, or install it with --api-key-file=PATH.")
	}
	settings, problem := x.settings(e, added)
	if problem != "" {
		return warn(e.client.Name, what+" was not tried: "+problem, e.again())
	}
	ctx, cancel := context.WithTimeout(ctx, entryTimeout)
	defer cancel()
	began := time.Now()
	hello, err := greet(ctx, e.launch.Command, e.launch.Args, added.list())
	if err != nil {
		return failed(e.client.Name, what+": "+err.Error(), e.again())
	}
	took := time.Since(began).Round(time.Millisecond)
	found := fmt.Sprintf("%s starts and lists %d tools in %s", what, hello.tools, took)
	if but := x.but(settings, added, hello); but != "" {
		return after(took, warn(e.client.Name, found+"; but "+but, e.again()))
	}
	return after(took, ok(e.client.Name, found))
}

// but is what is not as it should be although the server starts, "" for nothing.
func (x *examination) but(settings *accountFlags, added variables, hello greeting) string {
	key, err := settings.apiKey(added.over(x.sys.getenv))
	switch {
	case settings.Simulator:
	case err != nil:
		return err.Error()
	case key == "":
		return "it has no API key"
	}
	if hello.version != x.sys.program.Version {
		return "it is " + hello.version + " and not this program's version"
	}
	return ""
}

// again is how to install the entry anew.
func (e entry) again() string {
	again := fmt.Sprintf("Install it again: %s install %s", program, e.client.Name)
	if e.name != "browseract" {
		again += " --name=" + e.name
	}
	if e.scope == clients.Project {
		again += " --scope=project"
	}
	return again
}

// settings are those that an entry starts the server with, or why it is not
// started: whoever wrote a project's file may have named any program, and commands
// other than serve do other things.
func (x *examination) settings(e entry, added variables) (settings *accountFlags, problem string) {
	if own, err := x.sys.executable(); e.scope == clients.Project && (err != nil || !isSameFile(own, e.launch.Command)) {
		return nil, "the file belongs to a project, and its program is not this one"
	}
	theirs := *x.sys
	theirs.stdout, theirs.stderr, theirs.getenv = io.Discard, io.Discard, added.over(x.sys.getenv)
	var g grammar
	command, err := theirs.parse(&g, e.launch.Args)
	switch {
	case err != nil:
		return nil, "this version does not understand its arguments (" + strings.TrimSuffix(err.Error(), "; see "+program+" --help") + ")"
	case command == nil || command.Command() != "serve":
		return nil, "its arguments do not start the server"
	}
	return &g.Account, ""
}

// variables are some of an environment, by name.
type variables map[string]string

// over is an environment with v in front of another.
func (v variables) over(getenv func(string) string) func(string) string {
	return func(name string) string {
		if value, ok := v[name]; ok {
			return value
		}
		return getenv(name)
	}
}

func (v variables) list() []string {
	list := make([]string, 0, len(v))
	for name, value := range v {
		list = append(list, name+"="+value)
	}
	return list
}

// added are the variables that an entry adds, and the name of one that it takes
// from where it is not.
func (x *examination) added(l clients.Launch) (added variables, missing string) {
	added = variables{}
	for _, v := range l.Env {
		value := v.Value
		if v.From != "" {
			value = x.sys.getenv(v.From)
		}
		if value == "" && v.From != "" {
			return nil, v.From
		}
		added[v.Name] = value
	}
	return added, ""
}
