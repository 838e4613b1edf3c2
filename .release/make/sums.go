package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

// checksums writes the SHA-256 of each file that is published into checksums.txt,
// and returns them by name.
func (r release) checksums() (map[string]string, error) {
	sums := map[string]string{}
	var list bytes.Buffer
	paths, err := filepath.Glob(filepath.Join(r.dist, name+"_*"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		sums[filepath.Base(path)] = hex.EncodeToString(sum[:])
		fmt.Fprintf(&list, "%x  %s\n", sum, filepath.Base(path))
	}
	return sums, os.WriteFile(filepath.Join(r.dist, "checksums.txt"), list.Bytes(), 0o644)
}

//go:embed cask.rb
var caskText string

// cask writes what Homebrew installs the release by.
func (r release) cask(sums map[string]string) error {
	sum := func(t string) (string, error) {
		if s, ok := sums[name+"_"+r.version+"_"+t+".tar.gz"]; ok {
			return s, nil
		}
		return "", fmt.Errorf("no archive for %s", t)
	}
	t, err := template.New("cask").Funcs(template.FuncMap{"sum": sum}).Parse(caskText)
	if err != nil {
		return err
	}
	var cask bytes.Buffer
	if err := t.Execute(&cask, r.version); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.dist, name+".rb"), cask.Bytes(), 0o644)
}
