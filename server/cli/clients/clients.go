// Package clients knows MCP clients: where each keeps its configuration on Linux, macOS
// and Windows, how an entry for a server looks there, and whether a key can come from
// the client's own environment.
//
// Begin with [All] and the methods of [Client]. Adding a client is one entry in
// clients.yaml. Nothing here reads the environment: a [Machine] is passed in, so tests
// cover every system on any. The package knows nothing of BrowserAct.
package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Scope says for whom a server is configured.
type Scope string

// The scopes. Not every client has the second.
const (
	// User is for all that one user does.
	User Scope = "user"
	// Project is for one folder, and usually for all users who work in it.
	Project Scope = "project"
)

// A Client is a program that starts MCP servers.
type Client struct {
	// Name is what a command line calls the client, such as claude-desktop.
	Name string
	// Title is what users call it, such as Claude Desktop.
	Title string
	// Next is what to do for the client to see a change: one sentence.
	Next string

	spec `yaml:",inline"`
}

var (
	// ErrNoProject means that a client has no configuration for a project.
	ErrNoProject = errors.New("has no configuration for one project")
	// errCannotPass means that a client cannot set a variable as asked.
	errCannotPass = errors.New("cannot pass that variable of its environment on")
)

// Find returns the client with the given name.
func Find(name string) (Client, bool) {
	all := All()
	n := slices.IndexFunc(all, func(c Client) bool { return c.Name == name })
	if n < 0 {
		return Client{}, false
	}
	return all[n], true
}

// Config is the path of the file that holds the client's servers on a machine.
// It need not exist. The error is [ErrNoProject], or says which variable of the
// environment is missing.
func (c Client) Config(m Machine, scope Scope) (string, error) {
	switch {
	case scope != Project:
		places, err := m.resolve(c.User)
		if err != nil {
			return "", err
		}
		return m.choose(places).File, nil
	case len(c.Project) == 0:
		return "", fmt.Errorf("%s %w", c.Title, ErrNoProject)
	}
	return m.choose(m.inProject(c.Project)).File, nil
}

// Present reports whether the client has left files on a machine.
func (c Client) Present(m Machine) bool {
	places, err := m.resolve(c.User)
	return err == nil && slices.ContainsFunc(places, func(p place) bool { return m.Exists(p.Sign) || m.Exists(p.File) })
}

// CanPass reports whether the client can set v. It always can set a value; not every
// client can take it from its own environment.
func (c Client) CanPass(v Variable) bool {
	return v.From == "" || c.Entry.Reference != "" || c.Entry.Forward != "" && v.From == v.Name
}

// Limits are a client's limits; 0 is unknown, or more than matters.
type Limits struct {
	// Timeout is how long a call may take.
	Timeout time.Duration
	// ResultTokens is how long a result may be.
	ResultTokens int `yaml:"result_tokens"`
}

// TakesTimeout reports whether an entry can say how long the client gives a call.
func (c Client) TakesTimeout() bool { return c.Entry.Timeout != "" }

// Limits returns the client's limits for the server of that name: the timeout of its
// entry in config, else the client's own.
func (c Client) Limits(config []byte, name string) (Limits, error) {
	limits := c.Max
	l, _, err := c.Installed(config, name)
	if l.Timeout > 0 {
		limits.Timeout = l.Timeout
	}
	return limits, err
}

// NonJSONLine returns the first line of config, counted from 1, that is no plain JSON
// although the client reads only that; 0 if there is none.
func (c Client) NonJSONLine(config []byte) int {
	if !c.PlainJSON || len(bytes.TrimSpace(config)) == 0 {
		return 0
	}
	var doc any
	if err, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(config, &doc)); ok {
		return 1 + bytes.Count(config[:min(int(err.Offset), len(config))], []byte("\n"))
	}
	return 0
}

// Install returns config with an entry of that name that starts the server as l says,
// and changes nothing else. Other members of an older entry stay.
func (c Client) Install(config []byte, name string, l Launch) ([]byte, error) {
	if slices.ContainsFunc(l.Env, func(v Variable) bool { return !c.CanPass(v) }) {
		return nil, fmt.Errorf("%s %w", c.Title, errCannotPass)
	}
	path, old, err := c.find(config, name)
	if err != nil {
		return nil, err
	}
	entry, drop, err := c.Entry.write(name, l, old)
	if err != nil {
		return nil, err
	}
	return c.Format.Put(config, path, entry, drop...)
}

// Uninstall returns config without the entry of that name, and changes nothing else. It
// also removes a map that the entry leaves empty, unless one of the backups, the newest
// first, had it before the entry came. It returns nil if the file did not exist then.
func (c Client) Uninstall(config []byte, name string, backups ...[]byte) ([]byte, error) {
	path, old, err := c.find(config, name)
	if err != nil || old == nil {
		return config, err
	}
	before := c.before(name, backups)
	if again, err := c.Install(before, name, c.Entry.read(old)); err == nil && before != nil && bytes.Equal(again, config) {
		return before, nil // nothing else has changed since
	}
	after, err := c.Format.Remove(config, path...)
	if err != nil {
		return nil, err
	}
	if after, err = c.removeEmpty(after, before, path[:len(path)-1]); err != nil {
		return nil, err
	}
	if before == nil && c.Format.IsEmpty(after) {
		return nil, nil
	}
	return after, nil
}

// removeEmpty removes the map at path and then those around it, as long as they are
// empty, were not there before, and hold no comment.
func (c Client) removeEmpty(config, before []byte, path []string) ([]byte, error) {
	if len(path) == 0 {
		return config, nil
	}
	now, err := c.Format.Lookup(config, path...)
	if members, ok := now.(map[string]any); err != nil || !ok || len(members) > 0 {
		return config, err
	}
	if was, err := c.Format.Lookup(before, path...); err == nil && was != nil {
		return config, nil
	}
	after, err := c.Format.Remove(config, path...)
	if err != nil {
		return nil, err
	}
	// A map that decides where servers are did not come with one.
	servers, err := c.servers(after)
	if err != nil || len(servers) < len(path) || !onlyAKey(config, after, path[len(path)-1]) {
		return config, err
	}
	return c.removeEmpty(after, before, path[:len(path)-1])
}

// onlyAKey reports whether after lacks nothing of config but a key with an empty map.
func onlyAKey(config, after []byte, key string) bool {
	start := 0
	for start < len(after) && config[start] == after[start] {
		start++
	}
	end := len(config)
	for n := len(after); n > start && config[end-1] == after[n-1]; n-- {
		end--
	}
	rest := bytes.Replace(config[start:end], []byte(key), nil, 1)
	return len(bytes.Trim(rest, "{}[]:,\"' \t\r\n")) == 0
}

// before is the newest backup without the entry, nil if there is none.
func (c Client) before(name string, backups [][]byte) []byte {
	for _, config := range backups {
		if _, ok, err := c.Installed(config, name); err == nil && !ok {
			return config
		}
	}
	return nil
}

// Installed returns how the entry of that name starts its server, and whether
// there is such an entry.
func (c Client) Installed(config []byte, name string) (Launch, bool, error) {
	_, old, err := c.find(config, name)
	if err != nil || old == nil {
		return Launch{}, false, err
	}
	return c.Entry.read(old), true, nil
}

// servers is the path of the map in config that holds or would hold the servers.
func (c Client) servers(config []byte) ([]string, error) {
	if c.NewerPath == nil {
		return c.ServersPath, nil
	}
	value, err := c.Format.Lookup(config, c.NewerPath...)
	entries, ok := value.(map[string]any)
	if _, isServer := entries["type"]; ok && !isServer {
		return c.NewerPath, nil
	}
	return c.ServersPath, err
}

// Entries returns the names of all servers in config, in alphabetical order.
func (c Client) Entries(config []byte) ([]string, error) {
	path, err := c.servers(config)
	if err != nil {
		return nil, err
	}
	value, err := c.Format.Lookup(config, path...)
	if err != nil {
		return nil, err
	}
	servers, _ := value.(map[string]any)
	return slices.Sorted(maps.Keys(servers)), nil
}

// find returns the path in config that the entry of that name has or would have, and the
// entry, nil if there is none.
func (c Client) find(config []byte, name string) (path []string, old map[string]any, err error) {
	servers, err := c.servers(config)
	if err != nil {
		return nil, nil, err
	}
	path = slices.Concat(servers, []string{name})
	value, err := c.Format.Lookup(config, path...)
	if err != nil || value == nil {
		return path, nil, err
	}
	old, ok := value.(map[string]any)
	if !ok {
		return nil, nil, fmt.Errorf("%s is not a server", name)
	}
	return path, old, nil
}
