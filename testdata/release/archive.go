package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/macho"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

func readSums(path string) (map[string]string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[name] = sum
	}
	return sums, nil
}

// checkSums holds that checksums.txt names six archives, a bill of materials for
// each, and the bundle, and that they have the hashes it says.
func (r release) checkSums() error {
	if len(r.sums) != 13 {
		return fmt.Errorf("checksums.txt names %d files, want 13", len(r.sums))
	}
	for name, want := range r.sums {
		raw, err := os.ReadFile(filepath.Join(r.dist, name))
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != want {
			return fmt.Errorf("%s has not the hash that checksums.txt says", name)
		}
	}
	return nil
}

// checkUniversal holds that the bundle's program for macOS has the programs of the
// archives for both processors.
func (r release) checkUniversal() error {
	joined, err := macho.OpenFat(filepath.Join(r.dist, "darwin_all", "browseract-mcp"))
	if err != nil {
		return fmt.Errorf("the universal program: %w", err)
	}
	defer joined.Close()
	found := map[macho.Cpu]uint32{}
	for _, arch := range joined.Arches {
		found[arch.Cpu] = arch.Size
	}
	for processor, cpu := range map[string]macho.Cpu{"amd64": macho.CpuAmd64, "arm64": macho.CpuArm64} {
		file, err := os.Stat(filepath.Join(r.dist, "darwin_"+processor, "browseract-mcp"))
		if err != nil {
			return err
		}
		if int64(found[cpu]) != file.Size() {
			return fmt.Errorf("the universal program has %d bytes for %s, want %d", found[cpu], processor, file.Size())
		}
	}
	return nil
}

// checkArchive holds that an archive has what people need, and that its program
// was built from the tag for the system that the name says.
func (r release) checkArchive(system, processor string) error {
	name, program, read := r.name("_"+system+"_"+processor+".tar.gz"), "browseract-mcp", readTar
	if system == "windows" {
		name, program, read = r.name("_"+system+"_"+processor+".zip"), "browseract-mcp.exe", readZip
	}
	files, err := read(filepath.Join(r.dist, name))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, file := range []string{"LICENSE", "README.md", "completions/browseract-mcp.bash", "completions/browseract-mcp.zsh", "completions/browseract-mcp.fish", "completions/browseract-mcp.ps1"} {
		if len(files[file]) == 0 {
			return fmt.Errorf("%s: there is no %s", name, file)
		}
	}
	info, err := buildinfo.Read(bytes.NewReader(files[program]))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	built := settings(info)
	if info.Main.Version != "v"+r.version || built["vcs.modified"] != "false" || built["CGO_ENABLED"] != "0" || built["-trimpath"] != "true" ||
		built["GOOS"] != system || built["GOARCH"] != processor {
		return fmt.Errorf("%s: its program is %s, built with %v", name, info.Main.Version, built)
	}
	if err := checkLicenses(info, files); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func settings(info *debug.BuildInfo) map[string]string {
	all := map[string]string{}
	for _, s := range info.Settings {
		all[s.Key] = s.Value
	}
	return all
}

func readTar(path string) (map[string][]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if files[header.Name], err = io.ReadAll(archive); err != nil {
			return nil, err
		}
	}
}

func readZip(path string) (map[string][]byte, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	files := map[string][]byte{}
	for _, entry := range archive.File {
		content, err := entry.Open()
		if err != nil {
			return nil, err
		}
		files[entry.Name], err = io.ReadAll(content)
		if err := errors.Join(err, content.Close()); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// checkMaterials holds that a bill of materials is one, and names the version of
// the program and at least the libraries that everything here stands on.
func (r release) checkMaterials(system, processor string) error {
	name := r.name("_" + system + "_" + processor + ".cdx.json")
	type component struct{ Name, Version string }
	var bill struct {
		BOMFormat  string `json:"bomFormat"`
		Metadata   struct{ Component component }
		Components []component
	}
	if err := readJSON(filepath.Join(r.dist, name), &bill); err != nil {
		return err
	}
	missing := map[string]bool{"std": true, "github.com/mark3labs/mcp-go": true, "github.com/alecthomas/kong": true, "modernc.org/sqlite": true}
	for _, c := range bill.Components {
		delete(missing, c.Name)
	}
	if bill.BOMFormat != "CycloneDX" || bill.Metadata.Component.Version != "v"+r.version || len(missing) > 0 {
		return fmt.Errorf("%s: a bill of %s for %v without %v", name, bill.BOMFormat, bill.Metadata.Component, missing)
	}
	return nil
}

var caskSum = regexp.MustCompile(`url "[^"]*_(\w+_\w+\.tar\.gz)"\s+sha256 "(\w+)"`)

// checkCask holds that Homebrew gets the archives that are there.
func (r release) checkCask() error {
	raw, err := os.ReadFile(filepath.Join(r.dist, "browseract-mcp.rb"))
	if err != nil {
		return err
	}
	found := caskSum.FindAllStringSubmatch(string(raw), -1)
	if len(found) != 4 {
		return fmt.Errorf("the cask names %d archives, want 4", len(found))
	}
	for _, match := range found {
		if name := r.name("_" + match[1]); r.sums[name] != match[2] {
			return fmt.Errorf("the cask has another hash for %s", name)
		}
	}
	return nil
}
