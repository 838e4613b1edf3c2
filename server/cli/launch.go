package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/browseract/browseract-mcp/server/cli/clients"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// launchOf is how a client starts this program: with the settings that this command
// line or the environment has, else with those that fit the client's limits, and with
// the key.
func launchOf(sys *system, flags *accountFlags, line *kong.Context, key clients.Variable, limits clients.Limits) (clients.Launch, error) {
	path, err := sys.executable()
	launch := clients.Launch{Command: path, Args: []string{}, Env: []clients.Variable{key}, Timeout: flags.Policy.ClientTimeout}
	known := settingsFor(limits)
	for _, flag := range line.Model.Flags {
		value, set := valueOf(flag), true
		if value == flag.Default {
			value, set = known[flag.Name]
		}
		otherKey := flag.Name == "api-key-file" && key != clients.Variable{Name: key.Name}
		switch {
		case variable(flag) == "", !set, otherKey:
		case flag.IsBool() && value == "true":
			launch.Args = append(launch.Args, "--"+flag.Name)
		default:
			launch.Args = append(launch.Args, "--"+flag.Name+"="+value)
		}
	}
	return launch, err
}

// checkStart refuses settings with which the server would not start: a client does not
// show why a server failed.
func (f *accountFlags) checkStart(sys *system) error {
	a, err := f.open(sys, staticKey)
	if err != nil {
		return err
	}
	defer a.close()
	_, _, err = f.Custom.entries(sys)
	if err == nil || errors.Is(err, fs.ErrNotExist) { // config init may write it later
		err = f.toolsConfig().CheckSettings()
	}
	if err != nil {
		return usage(err)
	}
	return nil
}

// settingsFor are the flags that keep the server within a client's limits.
func settingsFor(limits clients.Limits) map[string]string {
	settings := map[string]string{}
	if 0 < limits.Timeout && limits.Timeout <= longestCall {
		settings["client-timeout"] = fmt.Sprintf("%gs", max(limits.Timeout, time.Second).Seconds())
	}
	if limits.ResultTokens > 0 {
		// A fifth is for the text around a page, and for other ways to count.
		settings["max-result-tokens"] = fmt.Sprint(min(tools.DefaultResultTokens, limits.ResultTokens*4/5))
	}
	return settings
}

// valueOf is a flag's value as text, "" if it need not be set.
func valueOf(flag *kong.Flag) string {
	switch {
	case flag.Default == "" && flag.Target.IsZero():
		return ""
	case flag.Target.Kind() != reflect.Slice:
		return fmt.Sprint(flag.Target)
	}
	return strings.Join(flag.Target.Interface().([]string), ",")
}

// executable is the path by which this program was called. A link, such as Homebrew's,
// outlives an update; the file that it leads to does not.
func (sys *system) executable() (string, error) {
	own, err := os.Executable()
	if err != nil {
		return "", err
	}
	paths := []string{sys.program.Path}
	if filepath.Base(sys.program.Path) == sys.program.Path {
		paths = nil
		for _, folder := range filepath.SplitList(sys.getenv("PATH")) {
			path := filepath.Join(folder, sys.program.Path)
			paths = append(paths, path, path+".exe")
		}
	}
	for _, path := range paths {
		if path, err := filepath.Abs(path); err == nil && isSameFile(path, own) {
			return path, nil
		}
	}
	return own, nil
}

func isSameFile(a, b string) bool {
	first, err := os.Stat(a)
	second, otherErr := os.Stat(b)
	return err == nil && otherErr == nil && os.SameFile(first, second)
}

// withoutKey is a launch as it may be shown.
func withoutKey(launch clients.Launch) clients.Launch {
	launch.Env = slices.Clone(launch.Env)
	for n, v := range launch.Env {
		if isKey(v.Name) && v.Value != "" {
			launch.Env[n].Value = "THE-API-KEY"
		}
	}
	return launch
}

// replacing is a launch that replaces an older one. It removes the older one's settings:
// in a project's file they may send the key elsewhere.
func replacing(launch, older clients.Launch) clients.Launch {
	for _, v := range older.Env {
		if isSetting(v.Name) && v.Name != keyVariable {
			launch.Env = append(launch.Env, clients.Variable{Name: v.Name})
		}
	}
	return launch
}

// notes are what the user should know of an entry.
func notes(key clients.Variable, launch, older clients.Launch) []string {
	var notes []string
	if key.From != "" {
		notes = append(notes, "The client has to be started with "+key.From+" in its environment. Programs that are started from a desktop often do not see what a shell sets; --api-key-file=PATH does without.")
	}
	if key.Value != "" {
		notes = append(notes, "The configuration will hold the key itself, readable for all who can read the file. --api-key-file=PATH keeps it out.")
	}
	if isTemporary(launch.Command) {
		notes = append(notes, "This program is a temporary one of Go, which deletes it. Build a permanent one, and install with that.")
	}
	if kept := keptFrom(older); kept != "" {
		notes = append(notes, "The entry keeps variables that were in it before: "+kept+". Remove those that are not yours: they can redirect the server, and your key.")
	}
	return notes
}

// keptFrom names what of an older entry stays and reaches the server.
func keptFrom(older clients.Launch) string {
	var kept []string
	for _, v := range older.Env {
		if !isSetting(v.Name) {
			kept = append(kept, v.Name)
		}
	}
	if older.EnvFile != "" {
		kept = append(kept, "the file "+older.EnvFile)
	}
	return sanitize.Truncate(sanitize.Invisible(strings.Join(kept, ", ")), maxLine)
}

func limitNotes(f policyFlags, client clients.Client) []string {
	var notes []string
	limits := client.Max
	if limits.Timeout > 0 && f.ClientTimeout > limits.Timeout && !client.TakesTimeout() {
		notes = append(notes, fmt.Sprintf("%s gives a call %s, as far as is known: with --client-timeout=%s answers may come too late.", client.Title, limits.Timeout, f.ClientTimeout))
	}
	if limits.ResultTokens > 0 && f.MaxResultTokens > limits.ResultTokens {
		notes = append(notes, fmt.Sprintf("%s takes results of up to %d tokens, as far as is known: with --max-result-tokens=%d it may cut them.", client.Title, limits.ResultTokens, f.MaxResultTokens))
	}
	return notes
}
