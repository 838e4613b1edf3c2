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

// clients looks for clients on this machine, and at their entries of this program.
func (x *examination) clients(ctx context.Context) []finding {
	var looks []func() []finding
	for _, client := range clients.All() {
		for _, scope := range []clients.Scope{clients.User, clients.Project} {
			looks = append(looks, func() []finding { return x.client(ctx, client, scope) })
		}
	}
	found := make([][]finding, len(looks))
	var all sync.WaitGroup
	for n, look := range looks {
		all.Go(func() { found[n] = look() })
	}
	all.Wait()
	if all := slices.Concat(found...); len(all) > 0 {
		return all
	}
	return ok("clients", "none that is known was found")
}

// client looks at one configuration. One that is not there is not worth a line.
func (x *examination) client(ctx context.Context, client clients.Client, scope clients.Scope) []finding {
	path, err := client.Config(x.machine, scope)
	if err != nil || scope == clients.Project && !x.isOfProject(client, path) {
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
	var found []finding
	for _, name := range entries {
		launch, _, err := client.Installed(file.Data, name)
		if err == nil && x.isAboutUs(launch) {
			found = append(found, x.entry(ctx, x.read(entry{client: client, scope: scope, path: path, name: name, launch: launch})))
		}
	}
	if len(found) == 0 && scope == clients.User && client.Present(x.machine) {
		return ok(client.Name, "found, without an entry: "+program+" install "+client.Name+" adds one")
	}
	return found
}

// isAboutUs reports whether an entry starts this program, be it through another one
// such as npx or docker, or has settings for it.
func (x *examination) isAboutUs(l clients.Launch) bool {
	return x.isOurs(l.Command) ||
		slices.ContainsFunc(l.Args, func(arg string) bool { return strings.Contains(arg, program) }) ||
		slices.ContainsFunc(l.Env, func(v clients.Variable) bool { return isSetting(v.Name) })
}

// isOurs reports whether a command is this program: of whatever version, or this
// very file under whatever name.
func (x *examination) isOurs(command string) bool {
	other, _ := x.starts(command)
	return isOurs(command) || !other
}

// isOfProject reports whether there is such a configuration, and another one than
// the user's: a person may be at home.
func (x *examination) isOfProject(client clients.Client, path string) bool {
	user, err := client.Config(x.machine, clients.User)
	return x.machine.Exists(path) && (err != nil || !isSameFile(path, user))
}

// isUsers reports whether the user's own configuration is at path. One in the
// current folder is not, whichever link or variable leads there, unless the folder
// holds the user's home: it may have come with a project.
func (x *examination) isUsers(scope clients.Scope, path string) bool {
	home := x.sys.getenv("HOME")
	if runtime.GOOS == "windows" {
		home = x.sys.getenv("USERPROFILE")
	}
	return scope == clients.User && filepath.IsAbs(path) && (isBelow(x.machine.Dir, home) || !isBelow(x.machine.Dir, path))
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
