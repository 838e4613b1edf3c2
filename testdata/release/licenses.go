package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)`)

// checkLicenses holds that an archive has the license texts and notices of every
// module that its program links, as they are in the module's own folder.
func checkLicenses(info *debug.BuildInfo, files map[string][]byte) error {
	goroot, err := ask("env", "GOROOT")
	errs := []error{err, checkTexts("go", goroot, files)}
	for _, module := range info.Deps {
		dir, err := ask("list", "-m", "-f", "{{.Dir}}", module.Path)
		errs = append(errs, err, checkTexts(module.Path, dir, files))
	}
	return errors.Join(errs...)
}

// ask returns what the go command answers.
func ask(args ...string) (string, error) {
	answer, err := exec.Command("go", args...).Output()
	if err != nil {
		return "", fmt.Errorf("go %v: %w", args, err)
	}
	return strings.TrimSpace(string(answer)), nil
}

func checkTexts(module, dir string, files map[string][]byte) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	found := 0
	for _, entry := range entries {
		if entry.IsDir() || !legal.MatchString(entry.Name()) {
			continue
		}
		want, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return err
		}
		name := "licenses/" + module + "/" + entry.Name()
		if !bytes.Equal(files[name], want) {
			return fmt.Errorf("%s is missing or not the module's", name)
		}
		found++
	}
	if found == 0 {
		return fmt.Errorf("%s has no license text", module)
	}
	return nil
}
