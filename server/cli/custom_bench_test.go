package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools/custom"
)

// crowd fills the cache of a user with 200 workflows of 60 inputs, and returns the
// overlay that exposes them.
func crowd(tb testing.TB, env environment) string {
	tb.Helper()
	entries, overlay := map[custom.Target]cacheEntry{}, "expose:\n"
	for n := range 200 {
		def := custom.Definition{Name: fmt.Sprintf("Workflow %d", n/2), Description: strings.Repeat("It does much. ", 20)}
		for i := range 60 {
			name := fmt.Sprintf([]string{"plain_%d", "field %d", "字段%d号", strings.Repeat("a very long name ", 12) + "%d", strings.Repeat("长", 190) + "%d"}[i%5], i/2)
			def.Inputs = append(def.Inputs, browseract.Parameter{Name: name, DefaultEnabled: i%3 > 0})
		}
		id := fmt.Sprintf("wf_%d", n)
		entries[custom.Target{Kind: custom.Workflow, ID: id}] = cacheEntry{&def, time.Now()}
		overlay += "  - workflow: " + id + "\n"
	}
	writeCache(tb, custom.CachePath(cacheOf(env), env["BROWSERACT_API_URL"], simulator.Key), entries)
	file := filepath.Join(env["HOME"], "crowd.yaml")
	if err := os.WriteFile(file, []byte(overlay), 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

// BenchmarkListOfACrowd is what tools/list costs from the start of the program on,
// with 200 workflows exposed and without, and how often one is the other.
func BenchmarkListOfACrowd(b *testing.B) {
	env := home(b, "http://127.0.0.1:9")
	overlay := crowd(b, env)
	list := func(args ...string) time.Duration {
		began := time.Now()
		if got := run(b.Context(), env, toolsList, args...); got.err != nil || len(got.stdout) < 10_000 {
			b.Fatal(got.err, got.stderr)
		}
		return time.Since(began)
	}
	var static, exposed time.Duration
	for b.Loop() {
		static += list()
		exposed += list("--config", overlay)
	}
	b.ReportMetric(float64(static.Microseconds())/1000/float64(b.N), "ms-static")
	b.ReportMetric(float64(exposed.Microseconds())/1000/float64(b.N), "ms-exposed")
	b.ReportMetric(float64(exposed)/float64(static), "times")
}
