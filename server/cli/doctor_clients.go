package cli

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

// clients looks for clients on this machine, and starts what their entries of
// this program say, as they would.
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
		if err == nil && isOurs(launch.Command) {
			found = append(found, x.entry(ctx, entry{client: client, scope: scope, path: path, name: name, launch: launch})...)
		}
	}
	if len(found) == 0 && scope == clients.User && client.Present(x.machine) {
		return ok(client.Name, "found, without an entry: "+program+" install "+client.Name+" adds one")
	}
	return found
}

// isOfProject reports whether there is such a configuration, and another one than
// the user's: a person may be at home.
func (x *examination) isOfProject(client clients.Client, path string) bool {
	user, err := client.Config(x.machine, clients.User)
	return x.machine.Exists(path) && (err != nil || !isSameFile(path, user))
}
