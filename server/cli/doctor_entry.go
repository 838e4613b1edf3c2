package cli

import (
	"cmp"
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
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// An entry is how a client starts this program.
type entry struct {
	client clients.Client
	scope  clients.Scope
	path   string
	name   string
	launch clients.Launch

	// getenv is the environment with the entry's variables. missing is the first one
	// that the entry takes from the client's environment and this one lacks.
	getenv  func(string) string
	missing string
	// account and line are its settings in that environment; nil if they are invalid.
	account *accountFlags
	line    *kong.Context
	// problem says why this is no command line that serves over stdio, "" if it is.
	problem string
	// other says that it starts another file than this program's, absent why there is
	// none.
	other  bool
	absent error
}

// read finds out what an entry would do, without doing any of it.
func (c *checker) read(e entry) entry {
	e.getenv, e.missing = c.environmentOf(e.launch)
	sys := *c.sys
	sys.stdout, sys.stderr, sys.getenv = io.Discard, io.Discard, e.getenv
	args := e.launch.Args
	if !c.isOurs(e.launch.Command) {
		args = nil // they are another program's; the variables may reach this one
	}
	e.account, e.line, e.problem = sys.parseServe(args)
	if e.line == nil {
		e.account, e.line, _ = sys.parseServe(nil) // what its variables set is known
	}
	e.other, e.absent = c.isOtherFile(e.launch.Command)
	return e
}

// parseServe parses a command line that should serve over stdio. The line is nil if
// its settings are invalid.
func (sys *system) parseServe(args []string) (flags *accountFlags, line *kong.Context, problem string) {
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

// isOtherFile reports whether a command starts another file than this program's.
func (c *checker) isOtherFile(command string) (other bool, absent error) {
	own, err := os.Executable()
	if err != nil {
		return true, nil
	}
	path, err := c.sys.lookPath(command)
	return err != nil || !isSameFile(own, path), err
}

// lookPath returns the file that a command names. Unlike a shell it searches no
// relative folder of PATH, which is another one wherever the client starts, and asks no
// other machine, to which Windows would send the user's name.
func (sys *system) lookPath(command string) (string, error) {
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

// entry reports on an entry, and starts it if it is the user's own and this program.
func (c *checker) entry(ctx context.Context, e entry) result {
	differs := c.differences(e)
	r := c.judge(ctx, e, differs)
	for _, d := range differs {
		r.Differs = append(r.Differs, d.String())
	}
	return r
}

func (c *checker) judge(ctx context.Context, e entry, differs []difference) result {
	switch {
	case !c.isTrusted(e.scope, e.path):
		return e.ofProject(differs)
	case !c.isOurs(e.launch.Command):
		return e.notStarted(levelOK, "it starts another program, and doctor starts none but this one", "")
	case e.absent != nil:
		return e.notStarted(levelError, e.absent.Error(), e.reinstall())
	case e.other:
		return e.notStarted(levelWarning, "its program is another file than this one", e.reinstall())
	case e.problem != "":
		return e.notStarted(levelWarning, e.problem, e.reinstall())
	case e.missing != "":
		return e.result(levelWarning, "takes "+e.missing+" from the client's environment, which this one lacks", "Start the client where "+e.missing+" is set, or install it with --api-key-file=PATH.")
	}
	return c.probe(ctx, e)
}

// ofProject is the result for an entry that came with a folder. Its author is unknown,
// so nothing that it says is done.
func (e entry) ofProject(differs []difference) result {
	const why = "it belongs to a project, and doctor starts no entry of a project"
	if risk := e.risk(differs); risk != "" {
		return e.notStarted(levelWarning, why, "Remove it unless you wrote it: "+risk+".")
	}
	return e.notStarted(levelOK, why, "")
}

// risk is the worst that a client does which starts the entry, "" for nothing.
func (e entry) risk(differs []difference) string {
	switch {
	case e.other:
		return "a client that starts it gives your key to another program than this one"
	case among(differs, "api-url"):
		return "the server would send your key there"
	case among(differs, "api-key-file"):
		return "the server would send what is in that file to the API, as its key"
	case among(differs, keyVariable):
		return "the server would work with that key instead of yours"
	case slices.ContainsFunc(differs, difference.isForeign):
		return "such variables can redirect the server, and your key"
	case among(differs, "callback-hosts"):
		return "runs could report to those hosts"
	case among(differs, "config", "ledger", "download-dir"):
		return "the server would read or write there"
	}
	return e.problem
}

func (e entry) notStarted(l level, why, next string) result {
	r := e.result(l, "is not started: "+why, next)
	r.Runs = e.commandLine()
	return r
}

func (e entry) result(l level, found, next string) result {
	return result{Check: e.client.Name, Level: l, Found: fmt.Sprintf("%s in %s %s", sanitize.Truncate(e.name, maxName), e.path, found), Next: next}
}

func (e entry) reinstall() string {
	command := fmt.Sprintf("Install it again: %s install %s", program, e.client.Name)
	if e.name != "browseract" {
		command += " --name=" + e.name
	}
	return command
}

// environmentOf is the environment with the variables that an entry adds, and the name
// of one that it takes from where it is not set.
func (c *checker) environmentOf(l clients.Launch) (getenv func(string) string, missing string) {
	added := map[string]string{}
	for _, v := range l.Env {
		value := v.Value
		if v.From != "" {
			if value = c.sys.getenv(v.From); value == "" {
				missing = cmp.Or(missing, v.From)
			}
		}
		added[systemName(v.Name)] = value
	}
	return func(name string) string {
		if value, ok := added[name]; ok {
			return value
		}
		return c.sys.getenv(name)
	}, missing
}

// systemName is a variable's name as this system compares it: on Windows in any case.
func systemName(name string) string {
	if runtime.GOOS == "windows" {
		return strings.ToUpper(name)
	}
	return name
}
