// Command release checks what .release/make has made, and reports what is wrong:
//
//	release DIST VERSION SCHEMA
//
// SCHEMA is that of the MCP registry's entries; where there is no such file, what
// it says is left out.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A release is what is in the folder that .release/make writes.
type release struct {
	dist, version string
	sums          map[string]string // SHA-256 by name, as checksums.txt has it
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: release DIST VERSION SCHEMA")
		os.Exit(2)
	}
	if err := check(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(dist, version, schema string) error {
	sums, err := readSums(filepath.Join(dist, "checksums.txt"))
	if err != nil {
		return err
	}
	r := release{dist, version, sums}
	errs := []error{r.checkSums(), r.checkUniversal(), r.checkCask(), r.checkEntry(schema)}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, processor := range []string{"amd64", "arm64"} {
			errs = append(errs, r.checkArchive(system, processor), r.checkMaterials(system, processor))
		}
	}
	return errors.Join(errs...)
}

// name is a file of the release, for all systems or for the one that is named.
func (r release) name(suffix string) string {
	return "browseract-mcp_" + r.version + suffix
}

func readJSON(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
