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
	return logFlags{LogLevel: level, LogFormat: format}.logger(getenv, w, isTerminal(w))
}

// Fold divides a line as a textWriter does.
func Fold(line, separator string, width int) []string { return fold(line, separator, width) }

// CheckCall returns what doctor finds and advises when it calls the API.
func CheckCall(ctx context.Context, client *browseract.Client) (found, next string) {
	r := (&checker{account: &account{client: client, key: "app-1"}}).call(ctx)[0]
	return r.Found, r.Next
}

// ReadReplies returns what doctor reads of a server's replies.
func ReadReplies(r io.Reader) (tools int, err error) { return readReplies(r) }

// ProbedFlags are the settings of an entry that its probe has too.
func ProbedFlags() []string { return probedFlags() }

// Probe starts a program as doctor starts this one.
func Probe(ctx context.Context, path string, args ...string) (tools int, err error) {
	return probe(ctx, path, args, []string{"NAME=value"})
}

// ProbeArgs returns the arguments with which doctor starts an entry of the user, and why
// it does not.
func ProbeArgs(args []string, getenv func(string) string) (probe []string, problem string) {
	sys := &system{getenv: getenv, stdout: io.Discard, stderr: io.Discard}
	_, line, problem := sys.parseServe(args)
	if problem != "" {
		return nil, problem
	}
	return probeArgs(line), ""
}

// LastLine returns what is kept of a program's stderr.
func LastLine(written ...string) string {
	t := &tail{}
	for _, text := range written {
		_, _ = t.Write([]byte(text))
	}
	return t.lastLine()
}
