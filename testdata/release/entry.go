package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// An entry is what the MCP registry publishes.
type entry struct {
	Name, Version, Description string
	Packages                   []struct {
		RegistryType, Identifier, Version, RegistryBaseURL, FileSHA256 string
		Transport                                                      struct{ Type string }
		EnvironmentVariables                                           []struct {
			Name                 string
			IsRequired, IsSecret bool
		}
	}
}

// checkEntry holds the entry against the registry's schema and against the rules
// that it has beside it.
func (r release) checkEntry(schema string) error {
	path := filepath.Join(r.dist, "server.json")
	var e entry
	if err := errors.Join(readJSON(path, &e), matches(path, schema)); err != nil {
		return err
	}
	if e.Name != "io.github.browseract/browseract-mcp" || e.Version != r.version || len(e.Description) > 100 || len(e.Packages) != 2 {
		return fmt.Errorf("server.json: %s %s with %d packages: %s", e.Name, e.Version, len(e.Packages), e.Description)
	}
	for _, p := range e.Packages {
		// Both kinds have the version in the identifier.
		if !strings.Contains(p.Identifier, r.version) || p.Version != "" || p.RegistryBaseURL != "" || p.Transport.Type != "stdio" {
			return fmt.Errorf("server.json: a package of %s is %+v", p.RegistryType, p)
		}
		if keys := p.EnvironmentVariables; len(keys) != 1 || keys[0].Name != "BROWSERACT_API_KEY" || !keys[0].IsRequired || !keys[0].IsSecret {
			return fmt.Errorf("server.json: %s is asked for %+v", p.RegistryType, keys)
		}
	}
	return errors.Join(r.checkBundle(e), checkImage(e))
}

// matches validates a file, where there is the schema for it.
func matches(path, schema string) error {
	if _, err := os.Stat(schema); errors.Is(err, fs.ErrNotExist) {
		fmt.Printf("note: left out: the registry's schema, which is not at %s\n", schema)
		return nil
	}
	compiled, err := jsonschema.NewCompiler().Compile(schema)
	if err != nil {
		return err
	}
	var document any
	if err := readJSON(path, &document); err != nil {
		return err
	}
	if err := compiled.Validate(document); err != nil {
		return fmt.Errorf("server.json: %w", err)
	}
	fmt.Println("note: the entry for the registry is valid by its schema")
	return nil
}

// checkBundle holds that the first package is the bundle of this release.
func (r release) checkBundle(e entry) error {
	p, name := e.Packages[0], r.name(".mcpb")
	want := "https://github.com/browseract/browseract-mcp/releases/download/v" + r.version + "/" + name
	if p.RegistryType != "mcpb" || p.Identifier != want || p.FileSHA256 == "" || p.FileSHA256 != r.sums[name] {
		return fmt.Errorf("server.json: the bundle is %+v", p)
	}
	return nil
}

// checkImage holds that the second package is an image, and that Dockerfile labels
// it with the entry's name, by which the registry knows whose it is.
func checkImage(e entry) error {
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		return err
	}
	p := e.Packages[1]
	if p.RegistryType != "oci" || p.FileSHA256 != "" || !strings.HasPrefix(p.Identifier, "ghcr.io/browseract/browseract-mcp:") {
		return fmt.Errorf("server.json: the image is %+v", p)
	}
	if label := fmt.Sprintf("io.modelcontextprotocol.server.name=%q", e.Name); !strings.Contains(string(dockerfile), label) {
		return fmt.Errorf("Dockerfile has no label %s", label)
	}
	return nil
}
