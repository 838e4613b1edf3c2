// Package cli is the command line: it reads settings and joins the packages below it
// into a program.
//
// Begin with [Run] and the grammar, one struct a command; each command has a file of
// its own. What every command needs is made in account.go (which BrowserAct account,
// with which key) and mcp.go (the server and its tools). Nothing here reads the
// environment or the standard streams: main passes them in.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const program = "browseract-mcp"

// A system is what the operating system gives a command.
type system struct {
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	wire           io.Writer // stdout for a protocol, which checks what Write returns
	backlog        *backlog  // what stderr writes to
	logger         *slog.Logger
	program        Program
}

// grammar is the command line: settings for all commands, then the commands.
type grammar struct {
	Account accountFlags     `embed:""`
	Log     logFlags         `embed:""`
	Version kong.VersionFlag `help:"Print the version and exit."`

	Serve     serveCommand     `cmd:"" default:"withargs" help:"Serve MCP over stdin and stdout. This is the default."`
	HTTP      httpCommand      `cmd:"" name:"http" help:"Serve MCP over streamable HTTP."`
	Demo      demoCommand      `cmd:"" help:"Watch an agent's job: find a template, run it, wait, read its rows."`
	Doctor    doctorCommand    `cmd:"" help:"Check the key, the connection, the ledger and what clients start, and say what to do."`
	Config    configCommand    `cmd:"" help:"Write or check the overlay that makes tools of workflows."`
	Tools     toolsCommand     `cmd:"" help:"Print the tools as an agent sees them."`
	Install   installCommand   `cmd:"" help:"Add this server to a client's configuration, such as Claude Desktop's."`
	Uninstall uninstallCommand `cmd:"" help:"Take this server out of a client's configuration."`
	Simulator simulatorCommand `cmd:"" help:"Serve a simulated BrowserAct API over HTTP."`

	Completion completionCommand `cmd:"" help:"Print a script that completes command lines in bash, zsh, fish or PowerShell."`
	Complete   completeCommand   `cmd:"" name:"__complete" hidden:""`
}

// ErrUsage means that the command line or a setting is invalid.
var ErrUsage = errors.New("usage")

// A Program is what main knows of the program.
type Program struct {
	// Version is the one that it was built from.
	Version string
	// Path is the name that it was called by, as a shell would look it up; "" if
	// unknown.
	Path string
	// OnHangup has do called each time that the program is asked to hang up, instead of
	// ending it; do returns at once. Nil: hangups are not reported.
	OnHangup func(do func())
	// RedirectLog makes the standard library's log package, which imported packages
	// use, write to w. Nil: its output stays what it is.
	RedirectLog func(w io.Writer)
}

// Run runs the command that args name, without the program's name, and returns when
// it has ended. Errors are for users: they begin with the program's name and hold
// no secret. Those of the command line or of a setting are an [ErrUsage].
//
// Run prints the error as the last line on stderr. If stderr is not read, lines are
// dropped: it delays nothing but the return, by 200 ms at most.
func Run(ctx context.Context, p Program, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	printed := &errWriter{w: stdout}
	log := newBacklog(stderr)
	if p.RedirectLog != nil {
		p.RedirectLog(redactor{log})
	}
	sys := &system{getenv: getenv, stdin: stdin, stdout: printed, wire: stdout, stderr: log, backlog: log, program: p}
	if err := cmp.Or(sys.run(ctx, args), printed.firstErr()); err != nil {
		err = &programError{err}
		log.close(err.Error() + "\n")
		return err
	}
	log.close("")
	return nil
}

func (sys *system) run(ctx context.Context, args []string) error {
	var g grammar
	command, err := sys.parse(&g, args)
	if err != nil || command == nil {
		return err
	}
	sys.logger = g.Log.logger(sys.getenv, sys.stderr, isTerminal(sys.backlog.w))
	sys.backlog.onDrop(reportDropped(sys.logger))
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(sys, &g.Account)
}

// parse fills g in. It returns nil if the help or the version was printed instead.
func (sys *system) parse(g *grammar, args []string) (*kong.Context, error) {
	answered := false
	parser, err := kong.New(g,
		kong.Name(program),
		kong.Description("An MCP server for BrowserAct: it lets an agent run browser automations, follow them and read their outputs.\n\n"+
			"The API key is read from "+keyVariable+", never from the command line. "+
			"Commands exit with 0 on success, with 2 if the command line or a setting is invalid, and with 1 on any other error."),
		kong.Vars{"version": sys.program.Version, "api": browseract.DefaultBaseURL, "tokens": strconv.Itoa(tools.DefaultResultTokens)},
		kong.Writers(sys.stdout, sys.stderr),
		kong.Exit(func(int) { answered = true }),
		kong.Resolvers(environment(sys.getenv)),
		kong.ValueFormatter(helpWithVariable),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return nil, err
	}
	command, err := parser.Parse(args)
	switch {
	case answered:
		return nil, nil
	case err != nil:
		return nil, usage(fmt.Errorf("%w; see %s --help", err, program))
	}
	return command, nil
}

type programError struct{ err error }

func (e *programError) Error() string { return program + ": " + sanitize.Secrets(e.err.Error()) }
func (e *programError) Unwrap() error { return e.err }

// usage marks err as an [ErrUsage].
func usage(err error) error { return &usageError{err} }

type usageError struct{ error }

func (e *usageError) Unwrap() error        { return e.error }
func (e *usageError) Is(target error) bool { return target == ErrUsage }

// environment lets each flag be set by a variable. Kong's own env tag would read the
// process's environment and not the one that was passed in.
func environment(getenv func(string) string) kong.ResolverFunc {
	return func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if name := variable(flag); name != "" && getenv(name) != "" {
			return getenv(name), nil
		}
		return nil, nil
	}
}

// variable is the name of the variable that sets the flag, "" if none does: the one
// of its setting tag, else BROWSERACT_MCP_ and the flag's name.
func variable(flag *kong.Flag) string {
	if flag.Name == "help" || flag.Name == "version" {
		return ""
	}
	return cmp.Or(flag.Tag.Get("setting"), "BROWSERACT_MCP_"+strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_")))
}

// helpWithVariable adds to a flag's help the variable that sets it.
func helpWithVariable(value *kong.Value) string {
	help := kong.DefaultHelpValueFormatter(value)
	if value.Flag == nil || variable(value.Flag) == "" {
		return help
	}
	return strings.TrimSuffix(help, ".") + " ($" + variable(value.Flag) + ")."
}
