package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

// clients looks for clients on this machine, and checks their entries of this program.
func (c *checker) clients(ctx context.Context) []result {
	all := clients.All()
	results := make([][]result, 2*len(all))
	var work sync.WaitGroup
	for n, client := range all {
		work.Go(func() { results[2*n] = c.client(ctx, client, clients.User) })
		work.Go(func() { results[2*n+1] = c.client(ctx, client, clients.Project) })
	}
	work.Wait()
	if found := slices.Concat(results...); len(found) > 0 {
		return found
	}
	return ok("clients", "no known client was found")
}

// client checks one configuration; without one there is no result.
func (c *checker) client(ctx context.Context, client clients.Client, scope clients.Scope) []result {
	path, err := client.Config(c.machine, scope)
	if err != nil || scope == clients.Project && !c.isOfProject(client, path) {
		return nil
	}
	file, err := clients.ReadFile(path)
	var entries []string
	if err == nil {
		entries, err = client.Entries(file.Data)
	}
	if err != nil {
		return warn(client.Name, fmt.Sprintf("%s: %v", path, err), "Correct the file: until then "+client.Title+" may start no server at all.")
	}
	var found []result
	for _, name := range entries {
		launch, _, err := client.Installed(file.Data, name)
		if err == nil && c.concernsUs(launch) {
			found = append(found, c.entry(ctx, c.read(entry{client: client, scope: scope, path: path, name: name, launch: launch})))
		}
	}
	if len(found) == 0 && scope == clients.User && client.Present(c.machine) {
		return ok(client.Name, "found, without an entry: "+program+" install "+client.Name+" adds one")
	}
	return found
}

// concernsUs reports whether an entry starts this program, also through another such
// as npx or docker, or has settings for it.
func (c *checker) concernsUs(l clients.Launch) bool {
	return c.isOurs(l.Command) ||
		slices.ContainsFunc(l.Args, func(arg string) bool { return strings.Contains(arg, program) }) ||
		slices.ContainsFunc(l.Env, func(v clients.Variable) bool { return isSetting(v.Name) })
}

// isOurs reports whether a command is this program: any version of it, or this very
// file under another name.
func (c *checker) isOurs(command string) bool {
	other, _ := c.isOtherFile(command)
	return isOurs(command) || !other
}

// isOfProject reports whether there is such a configuration, and not the user's own:
// doctor may run in the home folder.
func (c *checker) isOfProject(client clients.Client, path string) bool {
	user, err := client.Config(c.machine, clients.User)
	return c.machine.Exists(path) && (err != nil || !isSameFile(path, user))
}

// isTrusted reports whether the user's own configuration is at path. One in the
// current folder is not, by any link or variable, unless the folder holds the user's
// home: it may have come with a project.
func (c *checker) isTrusted(scope clients.Scope, path string) bool {
	home := c.sys.getenv("HOME")
	if runtime.GOOS == "windows" {
		home = c.sys.getenv("USERPROFILE")
	}
	return scope == clients.User && filepath.IsAbs(path) && (isBelow(c.machine.Dir, home) || !isBelow(c.machine.Dir, path))
}

// isBelow reports whether path leads to a folder or to something in it.
func isBelow(folder, path string) bool {
	folder, folderErr := filepath.EvalSymlinks(folder)
	path, pathErr := filepath.EvalSymlinks(path)
	if folderErr != nil || pathErr != nil {
		return false
	}
	relative, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(relative)
}
