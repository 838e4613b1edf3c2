// Command licenses collects the license texts and notices of every module that
// the program links, on any system, and those of Go itself:
//
//	go -C .release run ./licenses FOLDER
//
// FOLDER gets a folder for each module, named by its path. A module without a
// license text is an error.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// top is the repository, seen from the folder that this is run in.
const top = ".."

var legal = regexp.MustCompile(`(?i)^[a-z0-9-]*(licen[cs]e|copying|notice|patents)([.-].*)?$`)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: licenses FOLDER")
		os.Exit(2)
	}
	if err := collect(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func collect(folder string) error {
	goroot, err := output("linux", "go", "env", "GOROOT")
	if err != nil {
		return err
	}
	if err := copyLegal(strings.TrimSpace(goroot), filepath.Join(folder, "go")); err != nil {
		return err
	}
	for _, system := range []string{"linux", "darwin", "windows"} {
		packages, err := output(system, "go", "list", "-deps", "-f", `{{with .Module}}{{if not .Main}}{{.Path}}|{{.Dir}}|{{$.Dir}}{{end}}{{end}}`, ".")
		if err != nil {
			return err
		}
		for line := range strings.Lines(packages) {
			if err := ofPackage(strings.Split(strings.TrimSpace(line), "|"), folder); err != nil {
				return err
			}
		}
	}
	return nil
}

// ofPackage copies what stands in a package's folder and in each one above it, up
// to the module's: a package can have code of others, under their license.
func ofPackage(fields []string, folder string) error {
	if len(fields) != 3 { // the program's own package
		return nil
	}
	module, root, dir := fields[0], fields[1], fields[2]
	if err := copyLegal(root, filepath.Join(folder, module)); err != nil {
		return err
	}
	for ; dir != root; dir = filepath.Dir(dir) {
		below, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		if err := copyLegal(dir, filepath.Join(folder, module, below)); err != nil && !errors.Is(err, errNone) {
			return err
		}
	}
	return nil
}

var errNone = errors.New("no license text")

func copyLegal(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	found := false
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !legal.MatchString(entry.Name()) || filepath.Ext(entry.Name()) == ".go" {
			continue
		}
		found = true
		if err := copyFile(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("%w in %s", errNone, from)
	}
	return nil
}

func copyFile(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o644)
}

func output(system string, command ...string) (string, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Stderr = top, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+runtime.GOARCH)
	out, err := cmd.Output()
	return string(out), err
}
