package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

// An entry is how a client starts this program.
type entry struct {
	client clients.Client
	scope  clients.Scope
	path   string
	name   string
	launch clients.Launch

	// env are the variables that it sets, and missing is the first one that it takes
	// from the client's environment and this one lacks.
	env     variables
	missing string
	// account and line are its settings, in this environment; nil if they cannot be
	// understood.
	account *accountFlags
	line    *kong.Context
	// problem says why this is no command line that serves over stdio, "" if it is.
	problem string
	// other says that it starts another program than this very file, absent why
	// there is none.
	other  bool
	absent error
}

// read finds out what an entry would do, without doing any of it.
func (x *examination) read(e entry) entry {
	e.env, e.missing = x.added(e.launch)
	args := e.launch.Args
	if !x.isOurs(e.launch.Command) {
		args = nil // they are for another program; the variables may reach this one
	}
	e.account, e.line, e.problem = x.sys.with(e.env).understand(args)
	if e.line == nil {
		e.account, e.line, _ = x.sys.with(e.env).understand(nil) // what its variables set is known
	}
	e.other, e.absent = x.starts(e.launch.Command)
	return e
}

// understand reads a command line that is to serve over stdio. The line is nil if it
// has no settings that can be understood.
func (sys *system) understand(args []string) (flags *accountFlags, line *kong.Context, problem string) {
	var g grammar
	line, err := sys.parse(&g, args)
	switch {
	case err != nil:
		problem = "this version does not understand its arguments (" + strings.TrimSuffix(err.Error(), "; see "+program+" --help") + ")"
	case line == nil || line.Command() != "serve":
		problem = "its arguments do not start the server over stdio"
	}
	return &g.Account, line, problem
}

// with is the system as a server sees it that is started with more variables.
func (sys *system) with(v variables) *system {
	theirs := *sys
	theirs.stdout, theirs.stderr, theirs.getenv = io.Discard, io.Discard, v.over(sys.getenv)
	return &theirs
}

// starts reports whether a command starts another program than this very file.
func (x *examination) starts(command string) (other bool, absent error) {
	own, err := os.Executable()
	if err != nil {
		return true, nil
	}
	path, err := x.sys.lookUp(command)
	return err != nil || !isSameFile(own, path), err
}

// lookUp returns the file that a command stands for. Unlike a shell it finds nothing
// in a relative folder of PATH, which is another one wherever the client starts, and
// asks no other machine, which Windows would greet with the user's name.
func (sys *system) lookUp(command string) (string, error) {
	if len(filepath.VolumeName(command)) > len("C:") {
		return "", &exec.Error{Name: command, Err: errors.New("not on this machine")}
	}
	if filepath.Base(command) != command {
		return exec.LookPath(command)
	}
	for _, folder := range filepath.SplitList(sys.getenv("PATH")) {
		if !filepath.IsAbs(folder) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(folder, command)); err == nil {
			return path, nil
		}
	}
	return "", &exec.Error{Name: command, Err: exec.ErrNotFound}
}

// entry shows an entry, and tries it if it is the user's own and starts this file.
func (x *examination) entry(ctx context.Context, e entry) finding {
	differs := x.differences(e)
	f := x.judge(ctx, e, differs)
	for _, d := range differs {
		f.Differs = append(f.Differs, d.String())
	}
	return f
}

func (x *examination) judge(ctx context.Context, e entry, differs []difference) finding {
	switch {
	case !x.isUsers(e.scope, e.path):
		return e.ofProject(differs)
	case !x.isOurs(e.launch.Command):
		return e.shown(well, "it starts another program, and doctor starts none but this one", "")
	case e.absent != nil:
		return e.shown(wrong, e.absent.Error(), e.again())
	case e.other:
		return e.shown(warning, "its program is another file than this one", e.again())
	case e.problem != "":
		return e.shown(warning, e.problem, e.again())
	case e.missing != "":
		return e.found(warning, "takes "+e.missing+" from the client's environment, which this one has not", "Start the client where "+e.missing+" is set, or install it with --api-key-file=PATH.")
	}
	return x.try(ctx, e)
}

// ofProject is what is found of an entry that came with a folder. Its author may be
// anyone, so nothing that it says is done.
func (e entry) ofProject(differs []difference) finding {
	const why = "it belongs to a project, and doctor starts no entry of a project"
	if harm := e.harm(differs); harm != "" {
		return e.shown(warning, why, "Remove it unless you wrote it: "+harm+".")
	}
	return e.shown(well, why, "")
}

// harm is the worst that a client does which starts the entry, "" for nothing.
func (e entry) harm(differs []difference) string {
	for _, h := range []struct {
		is   bool
		harm string
	}{
		{e.other, "a client that starts it gives your key to another program than this one"},
		{among(differs, "api-url"), "the server would send your key there"},
		{among(differs, "api-key-file"), "the server would send what is in that file to the API, as its key"},
		{among(differs, keyVariable), "the server would work with that key instead of yours"},
		{slices.ContainsFunc(differs, difference.isForeign), "such variables can lead the server, and your key, elsewhere"},
		{among(differs, "callback-hosts"), "runs could report to those hosts"},
		{among(differs, "config", "ledger", "download-dir"), "the server would read or write there"},
		{e.problem != "", e.problem},
	} {
		if h.is {
			return h.harm
		}
	}
	return ""
}

// shown is a finding about an entry that is not started.
func (e entry) shown(l level, why, next string) finding {
	f := e.found(l, "is not started: "+why, next)
	f.Runs = e.commandLine()
	return f
}

func (e entry) found(l level, found, next string) finding {
	return finding{Check: e.client.Name, Level: l, Found: fmt.Sprintf("%s in %s %s", clip(e.name, maxName), e.path, found), Next: next}
}

// again is how to install the entry anew.
func (e entry) again() string {
	again := fmt.Sprintf("Install it again: %s install %s", program, e.client.Name)
	if e.name != "browseract" {
		again += " --name=" + e.name
	}
	return again
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

// added are the variables that an entry adds, and the name of one that it takes
// from where it is not.
func (x *examination) added(l clients.Launch) (added variables, missing string) {
	added = variables{}
	for _, v := range l.Env {
		value := v.Value
		if v.From != "" {
			value = x.sys.getenv(v.From)
		}
		if value == "" && v.From != "" && missing == "" {
			missing = v.From
		}
		added[systemName(v.Name)] = value
	}
	return added, missing
}

// systemName is the name of a variable as this system compares it: on Windows in
// any case.
func systemName(name string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}
