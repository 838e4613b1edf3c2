// Package cli is the command line: it reads settings and joins the packages
// below it into a program.
//
// Begin with [Run] and the grammar beneath it, one struct a command; each
// command has a file of its own. What every command needs is made in account.go
// (who talks to BrowserAct, with which key) and mcp.go (the server and its
// tools). Nothing here reads the environment or the standard streams: main
// passes them on.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/alecthomas/kong"
)

const program = "browseract-mcp"

// A system is what the operating system gives a command.
type system struct {
	ctx            context.Context
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	logger         *slog.Logger
	version        string
}

// grammar is the command line: settings for all commands, then the commands.
type grammar struct {
	Account accountFlags     `embed:""`
	Log     logFlags         `embed:""`
	Version kong.VersionFlag `help:"Print the version and exit."`

	Serve     serveCommand     `cmd:"" default:"withargs" help:"Serve MCP over stdin and stdout. This is the default."`
	HTTP      httpCommand      `cmd:"" name:"http" help:"Serve MCP over streamable HTTP."`
	Demo      demoCommand      `cmd:"" help:"Watch an agent's job: find a template, run it, wait, read its rows."`
	Doctor    doctorCommand    `cmd:"" help:"Check the key and the connection, and say what to do."`
	Tools     toolsCommand     `cmd:"" help:"Print the tools as an agent sees them."`
	Simulator simulatorCommand `cmd:"" help:"Serve a simulated BrowserAct API over HTTP."`
}

// ErrUsage says that the command line could not be understood.
var ErrUsage = errors.New("usage")

// Run runs the command that args name, without the program's name, and returns
// when it has ended. version is the program's own. Errors are for a person and
// begin with the program's name; one of the command line itself is an [ErrUsage].
func Run(ctx context.Context, version string, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	var g grammar
	stopped := false
	parser, err := kong.New(&g,
		kong.Name(program),
		kong.Description("An MCP server for BrowserAct: it lets an agent run browser automations, follow them and read their outputs.\n\n"+
			"The API key is read from BROWSERACT_API_KEY, never from the command line."),
		kong.Vars{"version": version},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { stopped = true }),
		kong.Resolvers(environment(getenv)),
		kong.ValueFormatter(showVariable),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	command, err := parser.Parse(args)
	switch {
	case stopped: // --help or --version has been answered
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w: %v; see %s --help", program, ErrUsage, err, program)
	}
	logger, err := g.Log.logger(getenv, stderr)
	if err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	sys := &system{ctx, getenv, stdin, stdout, stderr, logger, version}
	if err := command.Run(sys, &g.Account); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}

// environment lets each flag be set by a variable: the one that its setting tag
// names, else BROWSERACT_MCP_ and the flag's name. Kong's own env tag would read
// the process's environment and not the one that was passed.
func environment(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if value := getenv(variable(flag)); value != "" {
			return value, nil
		}
		return nil, nil
	})
}

func variable(flag *kong.Flag) string {
	if name := flag.Tag.Get("setting"); name != "" {
		return name
	}
	return "BROWSERACT_MCP_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
}

// showVariable adds to each flag's help how the environment sets it.
func showVariable(value *kong.Value) string {
	if value.Flag == nil || value.Name == "help" || value.Name == "version" {
		return kong.DefaultHelpValueFormatter(value)
	}
	return strings.TrimSuffix(kong.DefaultHelpValueFormatter(value), ".") + " ($" + variable(value.Flag) + ")."
}
