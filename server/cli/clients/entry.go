package clients

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/server/cli/clients/edit"
)

// A Launch is how a client starts a server.
type Launch struct {
	// Command is the absolute path of the program.
	Command string
	Args    []string
	// Env are variables for the server; in entries that were read, by name.
	Env []Variable
	// Timeout is how long the client gives a call, where its entries can say so. 0 leaves
	// that to the client, and to an older entry.
	Timeout time.Duration
	// EnvFile is a file of more variables in an entry that was read, "" for none. It is
	// never written.
	EnvFile string
}

// A Variable is one that a client sets for a server. Without Value and From, an older
// entry loses it.
type Variable struct {
	Name string
	// Value is the value as the configuration holds it.
	Value string
	// From is the variable of the client's own environment that holds the value.
	From string
}

// A shape is how an entry for a server looks. Its strings are names of members, "" for
// none.
type shape struct {
	// Fixed comes first, and is the same for every server. What is in Defaults is only
	// for new entries: in older ones it belongs to the user.
	Fixed, Defaults edit.Object
	// Name repeats the entry's name.
	Name string
	// Command and Args hold the command line; without Args, Command holds all of it as
	// a list.
	Command, Args string
	// Env holds the variables.
	Env string
	// Reference is how a value in Env names a variable of the client's environment, with
	// %s for its name; "" if it cannot.
	Reference string
	// Forward lists the variables that the client passes on under their own names.
	Forward string
	// Timeout is how long the client gives a call, as a number of Units.
	Timeout string
	Unit    time.Duration
}

// write returns the members of an entry that replaces old, and the paths that old may
// have and the entry must not.
func (s shape) write(name string, l Launch, old map[string]any) (entry edit.Object, drop [][]string, err error) {
	entry = slices.Clone(s.Fixed)
	if old == nil {
		entry = append(entry, s.Defaults...)
	}
	entry = s.setTimeout(entry, l.Timeout)
	if s.Name != "" {
		entry = append(entry, edit.Member{Key: s.Name, Value: name})
	}
	entry = append(entry, s.commandLine(l)...)
	var env edit.Object
	for _, v := range l.Env {
		if value, ok := s.value(v); ok {
			env = append(env, edit.Member{Key: v.Name, Value: value})
		} else {
			drop = append(drop, []string{s.Env, v.Name})
		}
	}
	if len(env) > 0 {
		entry = append(entry, edit.Member{Key: s.Env, Value: env})
	}
	if s.Forward == "" {
		return entry, drop, nil
	}
	names, err := s.forwarded(l, old[s.Forward])
	if len(names) > 0 {
		return append(entry, edit.Member{Key: s.Forward, Value: names}), drop, err
	}
	return entry, append(drop, []string{s.Forward}), err
}

// setTimeout sets how long the client gives a call, rounded up.
func (s shape) setTimeout(entry edit.Object, timeout time.Duration) edit.Object {
	if s.Timeout == "" || timeout == 0 {
		return entry
	}
	entry = slices.DeleteFunc(entry, func(m edit.Member) bool { return m.Key == s.Timeout })
	return append(entry, edit.Member{Key: s.Timeout, Value: int((timeout + s.Unit - 1) / s.Unit)})
}

func (s shape) commandLine(l Launch) edit.Object {
	if s.Args == "" {
		return edit.Object{{Key: s.Command, Value: slices.Concat([]string{l.Command}, l.Args)}}
	}
	return edit.Object{{Key: s.Command, Value: l.Command}, {Key: s.Args, Value: l.Args}}
}

func (s shape) value(v Variable) (string, bool) {
	switch {
	case v.From == "":
		return v.Value, v.Value != ""
	case s.Reference != "":
		return fmt.Sprintf(s.Reference, v.From), true
	}
	return "", false
}

// forwarded is the list of forwarded variables, changed as l says.
func (s shape) forwarded(l Launch, old any) ([]string, error) {
	names := stringsOf(old)
	all, isList := old.([]any)
	if old != nil && !isList || slices.ContainsFunc(all, func(name any) bool { _, ok := name.(string); return !ok }) {
		return nil, fmt.Errorf("%s holds more than names; change it by hand", s.Forward)
	}
	for _, v := range l.Env {
		names = slices.DeleteFunc(names, func(name string) bool { return name == v.Name })
		if v.From != "" {
			names = append(names, v.Name)
		}
	}
	return names, nil
}

// read is the reverse of write, as far as the entry can be understood.
func (s shape) read(entry map[string]any) Launch {
	var l Launch
	l.Command, _ = entry[s.Command].(string)
	l.Args = stringsOf(entry[s.Args])
	if line := stringsOf(entry[s.Command]); s.Args == "" && len(line) > 0 {
		l.Command, l.Args = line[0], line[1:]
	}
	env, _ := entry[s.Env].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if env[name] != nil {
			l.Env = append(l.Env, s.variable(name, fmt.Sprint(env[name])))
		}
	}
	l.EnvFile, _ = entry["envFile"].(string) // VS Code's and Cursor's
	l.Timeout = s.callTimeout(entry)
	for _, name := range stringsOf(entry[s.Forward]) {
		l.Env = append(l.Env, Variable{Name: name, From: name})
	}
	return l
}

// stringsOf are the elements of a decoded list. Other types become strings too: a client
// may convert them.
func stringsOf(value any) []string {
	var elements []string
	all, _ := value.([]any)
	for _, element := range all {
		elements = append(elements, fmt.Sprint(element))
	}
	return elements
}

// callTimeout is how long an entry says that the client gives a call, 0 if it does not.
func (s shape) callTimeout(entry map[string]any) time.Duration {
	units, err := strconv.ParseFloat(fmt.Sprint(entry[s.Timeout]), 64)
	if err != nil || units < 0 || units > math.MaxInt32 {
		return 0
	}
	return time.Duration(units * float64(s.Unit))
}

func (s shape) variable(name, value string) Variable {
	before, after, found := strings.Cut(s.Reference, "%s")
	if inner, ok := strings.CutPrefix(value, before); found && ok {
		if from, ok := strings.CutSuffix(inner, after); ok {
			return Variable{Name: name, From: from}
		}
	}
	return Variable{Name: name, Value: value}
}
