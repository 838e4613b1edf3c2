package clients_test

import (
	"os"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/server/cli/clients"
)

// TestReadmeHasEachClientsPaths looks in each client's section for
// its paths on every system.
func TestReadmeHasEachClientsPaths(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	short := strings.NewReplacer(`C:\Users\jo\AppData\Roaming\`, `%APPDATA%\`, `C:\Users\jo\`, "~/", "/home/jo/", "~/", "/Users/jo/", "~/", "/src/shop/", "", `D:\shop\`, "")
	for _, c := range clients.All() {
		_, section, found := strings.Cut(string(raw), "<summary>"+c.Title+"</summary>")
		section, _, _ = strings.Cut(section, "```")
		if !found {
			t.Errorf("README.md has no section for %s", c.Title)
		}
		for system, u := range users() {
			for _, scope := range []clients.Scope{clients.User, clients.Project} {
				path, err := c.Config(u.machine(system), scope)
				if err != nil {
					continue
				}
				path = short.Replace(path)
				if strings.HasPrefix(path, "~/") || scope == clients.Project {
					path = strings.ReplaceAll(path, `\`, "/")
				}
				if !strings.Contains(section, "`"+path+"`") {
					t.Errorf("README.md does not say that %s keeps its servers in %s on %s", c.Title, path, system)
				}
			}
		}
	}
}
