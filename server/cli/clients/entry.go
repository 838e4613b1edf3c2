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
	// Env are variables for the server, by name in entries that were read.
	Env []Variable
	// Timeout is how long the client is to give a call, where its entries can say
	// so; 0 leaves that to the client, and to an older entry.
	Timeout time.Duration
	// EnvFile is a file of more variables that an entry which was read names, "" for
	// none. It is never written.
	EnvFile string
}

// A Variable is one that a client sets for a server. Without a value and a source
// it is one that the server must not get: an older entry loses it.
type Variable struct {
	Name string
	// Value is the value as the configuration holds it.
	Value string
	// From is the variable of the client's own environment that holds the value.
	From string
}

// A shape is how an entry for a server looks.
type shape struct {
	// fixed stands in front, and is the same for every server. What is in defaults
	// is only for new entries: in older ones it belongs to the user.
	fixed, defaults edit.Object
	// named is the member that repeats the entry's name, "" for none.
	named string
	// command and args hold the command line; without args, command holds all of
	// it as a list.
	command, args string
	// env holds the variables.
	env string
	// reference is how a value in env names a variable of the client's
	// environment, with %s for its name; "" if it cannot.
	reference string
	// forward lists the variables that the client passes on under their own
	// names, "" if there is no such list.
	forward string
	// timeout is the member that says how long the client gives a call, "" for
	// none, as a number of units.
	timeout string
	unit    time.Duration
}

// write returns the members of an entry that replaces old, and the paths of those
// that old may have and the entry must not.
func (s shape) write(name string, l Launch, old map[string]any) (entry edit.Object, drop [][]string, err error) {
	entry = slices.Clone(s.fixed)
	if old == nil {
		entry = append(entry, s.defaults...)
	}
	entry = s.withTimeout(entry, l.Timeout)
	if s.named != "" {
		entry = append(entry, edit.Member{Key: s.named, Value: name})
	}
	entry = append(entry, s.commandLine(l)...)
	var env edit.Object
	for _, v := range l.Env {
		if value, ok := s.value(v); ok {
			env = append(env, edit.Member{Key: v.Name, Value: value})
		} else {
			drop = append(drop, []string{s.env, v.Name})
		}
	}
	if len(env) > 0 {
		entry = append(entry, edit.Member{Key: s.env, Value: env})
	}
	if s.forward == "" {
		return entry, drop, nil
	}
	names, err := s.forwarded(l, old[s.forward])
	if len(names) > 0 {
		entry = append(entry, edit.Member{Key: s.forward, Value: names})
	} else {
		drop = append(drop, []string{s.forward})
	}
	return entry, drop, err
}

// withTimeout sets how long the client gives a call, rounded up.
func (s shape) withTimeout(entry edit.Object, timeout time.Duration) edit.Object {
	if s.timeout == "" || timeout == 0 {
		return entry
	}
	member := edit.Member{Key: s.timeout, Value: int((timeout + s.unit - 1) / s.unit)}
	if n := slices.IndexFunc(entry, func(m edit.Member) bool { return m.Key == s.timeout }); n >= 0 {
		entry[n] = member
		return entry
	}
	return append(entry, member)
}

func (s shape) commandLine(l Launch) edit.Object {
	if s.args == "" {
		return edit.Object{{Key: s.command, Value: slices.Concat([]string{l.Command}, l.Args)}}
	}
	return edit.Object{{Key: s.command, Value: l.Command}, {Key: s.args, Value: l.Args}}
}

// value is what env says of a variable, if it says anything.
func (s shape) value(v Variable) (string, bool) {
	switch {
	case v.From == "":
		return v.Value, v.Value != ""
	case s.reference != "":
		return fmt.Sprintf(s.reference, v.From), true
	}
	return "", false
}

// forwarded is the list of forwarded variables, without those that l has other
// plans for.
func (s shape) forwarded(l Launch, old any) ([]string, error) {
	names, ok := list(old)
	if !ok {
		return nil, fmt.Errorf("%s holds more than names; change it by hand", s.forward)
	}
	for _, v := range l.Env {
		names = slices.DeleteFunc(names, func(name string) bool { return name == v.Name })
		if v.From != "" {
			names = append(names, v.Name)
		}
	}
	return names, nil
}

// list turns a decoded list into strings; what is not there is an empty list.
func list(value any) (elements []string, ok bool) {
	all, isList := value.([]any)
	for _, element := range all {
		text, isText := element.(string)
		if !isText {
			return nil, false
		}
		elements = append(elements, text)
	}
	return elements, isList || value == nil
}

// read is the contrary of write, as far as the entry can be understood.
func (s shape) read(entry map[string]any) Launch {
	var l Launch
	l.Command, _ = entry[s.command].(string)
	l.Args = texts(entry[s.args])
	if line := texts(entry[s.command]); s.args == "" && len(line) > 0 {
		l.Command, l.Args = line[0], line[1:]
	}
	env, _ := entry[s.env].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if env[name] != nil {
			l.Env = append(l.Env, s.variable(name, fmt.Sprint(env[name])))
		}
	}
	l.EnvFile, _ = entry["envFile"].(string) // VS Code's and Cursor's
	l.Timeout = s.callTimeout(entry)
	forwarded, _ := list(entry[s.forward])
	for _, name := range forwarded {
		l.Env = append(l.Env, Variable{Name: name, From: name})
	}
	return l
}

// texts are the elements of a decoded list. What is no string is not left out: a
// client may take it for one.
func texts(value any) []string {
	var elements []string
	all, _ := value.([]any)
	for _, element := range all {
		elements = append(elements, fmt.Sprint(element))
	}
	return elements
}

// callTimeout is what an entry says of how long the client gives a call, 0 if it
// says nothing.
func (s shape) callTimeout(entry map[string]any) time.Duration {
	units, err := strconv.ParseFloat(fmt.Sprint(entry[s.timeout]), 64)
	if err != nil || units < 0 || units > math.MaxInt32 {
		return 0
	}
	return time.Duration(units * float64(s.unit))
}

// variable tells a reference from a value.
func (s shape) variable(name, value string) Variable {
	before, after, found := strings.Cut(s.reference, "%s")
	if inner, ok := strings.CutPrefix(value, before); found && ok {
		if from, ok := strings.CutSuffix(inner, after); ok {
			return Variable{Name: name, From: from}
		}
	}
	return Variable{Name: name, Value: value}
}
