// Command make makes everything that a release of the checked-out tag consists of:
//
//	go -C .release run ./make VERSION
//
// VERSION is the tag without its v. The folder dist at the top of the repository
// is made anew. It gets an archive for each system and processor, a bill of
// materials for each, the bundle for desktop clients, their checksums, the
// Homebrew cask and the entry for the MCP registry. Nothing is published.
//
// It needs Go and Node on PATH, and .release/node_modules, made by npm ci. The
// same tag gives the same programs, byte for byte, on every machine.
//
// Begin with make. It replaces GoReleaser, which links the libraries of three
// clouds: to build it took five times as long as to build all that is released.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const name = "browseract-mcp"

// A release is one that is being made.
type release struct {
	version string
	dist    string
	time    time.Time // of the commit: the time of each file in an archive
}

// A target is what a program is built for.
type target struct{ system, processor string }

func targets() []target {
	return []target{
		{"linux", "amd64"},
		{"linux", "arm64"},
		{"darwin", "amd64"},
		{"darwin", "arm64"},
		{"windows", "amd64"},
		{"windows", "arm64"},
	}
}

func (t target) String() string { return t.system + "_" + t.processor }

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: make VERSION")
		os.Exit(2)
	}
	if err := start(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "make:", err)
		os.Exit(1)
	}
}

// start works at the top of the repository; go -C leaves it in .release.
func start(version string) error {
	if err := os.Chdir(".."); err != nil {
		return err
	}
	if err := os.RemoveAll("dist"); err != nil {
		return err
	}
	seconds, err := exec.Command("git", "show", "--no-patch", "--format=%ct", "HEAD").Output()
	if err != nil {
		return fmt.Errorf("read the time of the commit: %w", err)
	}
	unix, err := strconv.ParseInt(strings.TrimSpace(string(seconds)), 10, 64)
	if err != nil {
		return err
	}
	return release{version, "dist", time.Unix(unix, 0).UTC()}.make()
}

func (r release) make() error {
	if err := run(nil, "go", "-C", ".release", "run", "./licenses", filepath.Join("..", r.dist, "licenses")); err != nil {
		return fmt.Errorf("collect licenses: %w", err)
	}
	for _, t := range targets() {
		if err := r.target(t); err != nil {
			return fmt.Errorf("%v: %w", t, err)
		}
	}
	if err := r.universal(); err != nil {
		return fmt.Errorf("join the programs for macOS: %w", err)
	}
	if err := run(nil, "node", ".release/bundle.mjs", r.version, r.dist); err != nil {
		return fmt.Errorf("pack the bundle: %w", err)
	}
	sums, err := r.checksums()
	if err != nil {
		return fmt.Errorf("checksums: %w", err)
	}
	return r.cask(sums)
}

// target builds the program for a target, its archive and its bill of materials.
func (r release) target(t target) error {
	// Dockerfile builds with these flags too. Go reads the version from the tag.
	err := run([]string{"CGO_ENABLED=0", "GOOS=" + t.system, "GOARCH=" + t.processor},
		"go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w -buildid=", "-o", r.program(t), ".")
	if err != nil {
		return err
	}
	bill := filepath.Join("..", r.file(t.String()+".cdx.json"))
	err = run(nil, "go", "-C", ".release", "tool", "cyclonedx-gomod", "bin", "-json", "-std", "-noserial", "-notimestamp",
		"-version", "v"+r.version, "-output", bill, filepath.Join("..", r.program(t)))
	if err != nil {
		return err
	}
	return r.archive(t)
}

// program is the path of the program for a target.
func (r release) program(t target) string {
	file := filepath.Join(r.dist, t.String(), name)
	if t.system == "windows" {
		file += ".exe"
	}
	return file
}

// file is the path of a file of the release.
func (r release) file(suffix string) string {
	return filepath.Join(r.dist, name+"_"+r.version+"_"+suffix)
}

func run(env []string, command string, args ...string) error {
	cmd := exec.Command(command, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), os.Stdout, os.Stderr
	return cmd.Run()
}
