package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/browseract/browseract-mcp/browseract"
)

// Settings returns what every flag of the command is that args name.
func Settings(args []string, getenv func(string) string) (map[string]string, error) {
	sys := &system{getenv: getenv, stdout: io.Discard, stderr: io.Discard, program: Program{Version: "v1"}}
	var g grammar
	command, err := sys.parse(&g, args)
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for _, flag := range command.Flags() {
		if variable(flag) != "" {
			settings[flag.Name] = fmt.Sprint(command.FlagValue(flag))
		}
	}
	return settings, nil
}

// NewLogger returns the logger of a command line.
func NewLogger(level, format string, getenv func(string) string, w io.Writer) *slog.Logger {
	return logFlags{LogLevel: level, LogFormat: format}.logger(getenv, w)
}

// Fold divides a line as transcripts do.
func Fold(line, separator string, width int) []string { return fold(line, separator, width) }

// FindAnswer returns what doctor finds and advises on a client.
func FindAnswer(ctx context.Context, client *browseract.Client) (found, todo string) {
	f := (&examination{account: &account{client: client, key: "app-1"}}).call(ctx)[0]
	return f.Found, f.Next
}

// Listen returns what doctor understands of what a server says first.
func Listen(r io.Reader) (tools int, err error) { return listen(r) }

// Tried are the settings that a trial takes over.
func Tried() []string { return tried() }

// Greet starts a program as doctor starts this one.
func Greet(ctx context.Context, path string, args ...string) (tools int, err error) {
	return greet(ctx, path, args, []string{"NAME=value"})
}

// Trial returns the arguments with which doctor starts an entry of the user, and why
// it does not.
func Trial(args []string, getenv func(string) string) (trial []string, problem string) {
	sys := &system{getenv: getenv, stdout: io.Discard, stderr: io.Discard}
	_, line, problem := sys.understand(args)
	if problem != "" {
		return nil, problem
	}
	return trialArgs(line), ""
}

// LastLine returns what is kept of what a program says.
func LastLine(said ...string) string {
	t := &tail{}
	for _, text := range said {
		_, _ = t.Write([]byte(text))
	}
	return t.lastLine()
}
