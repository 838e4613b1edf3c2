package main

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/testdata/bench/drive"
	"github.com/browseract/browseract-mcp/tools/custom"
)

const (
	crowdWorkflows = 200
	crowdInputs    = 60
	crowdStarts    = 15
)

// crowdStart measures the start to the list of the tools with many workflows exposed,
// beside the start without any.
func crowdStart(ctx context.Context, p programs) ([]row, error) {
	api := drive.NewAPI(0)
	defer api.Close()
	cache := filepath.Join(p.home, "cache")
	overlay, err := writeCrowd(p.home, custom.CachePath(filepath.Join(cache, "browseract-mcp"), api.URL, drive.Key))
	if err != nil {
		return nil, err
	}
	env := append(p.env(api), "XDG_CACHE_HOME="+cache)
	both, err := versus(crowdStarts,
		func() (float64, error) {
			took, _, err := startOnce(ctx, p.ours, env, "--config", overlay)
			return took, err
		},
		func() (float64, error) {
			took, _, err := startOnce(ctx, p.ours, env)
			return took, err
		})
	took := both.row(fmt.Sprintf("start to tools/list, %d workflows of %d inputs exposed, beside none", crowdWorkflows, crowdInputs), "ms")
	took.limit = 5
	return []row{took}, err
}

// writeCrowd writes an overlay that exposes the workflows, and the cache of their
// definitions, as the server itself would.
func writeCrowd(dir, cache string) (overlay string, err error) {
	type entry struct {
		Definition *custom.Definition
		ReadAt     time.Time
	}
	entries, text := map[custom.Target]entry{}, "expose:\n"
	for n := range crowdWorkflows {
		id := fmt.Sprintf("wf_%d", n)
		text += "  - workflow: " + id + "\n"
		entries[custom.Target{Kind: custom.Workflow, ID: id}] = entry{crowdDefinition(n), time.Now()}
	}
	raw := bytes.NewBufferString("browseract-mcp definitions 1\n")
	if err := gob.NewEncoder(raw).Encode(entries); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(cache), 0o700); err != nil {
		return "", err
	}
	if err := os.WriteFile(cache, raw.Bytes(), 0o600); err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "crowd.yaml")
	return overlay, os.WriteFile(overlay, []byte(text), 0o600)
}

// crowdDefinition is a workflow that shares its name with another, and whose inputs
// have plain names, spaces, other scripts and 200 characters.
func crowdDefinition(n int) *custom.Definition {
	def := custom.Definition{Name: fmt.Sprintf("Workflow %d", n/2), Description: strings.Repeat("It does much. ", 20)}
	for i := range crowdInputs {
		name := fmt.Sprintf([]string{"plain_%d", "field %d", "字段%d号", strings.Repeat("a very long name ", 12) + "%d", strings.Repeat("长", 198) + "%d"}[i%5], i)
		def.Inputs = append(def.Inputs, browseract.Parameter{Name: name, DefaultEnabled: i%3 > 0})
	}
	return &def
}
