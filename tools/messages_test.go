package tools_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/browseract/browseract-mcp/schemas"
)

const goldenFile = "testdata/messages.golden"

// golden has the messages of the tools by the test that gets them. `go test ./tools
// -update` writes it: other tests assert codes and facts, so that better English needs
// no other change.
var golden = messageStore{new: map[string]string{}}

type messageStore struct {
	mu       sync.Mutex
	old, new map[string]string
}

func TestMain(m *testing.M) {
	flag.Parse()
	golden.old = readGolden()
	m.Run()
	if *update {
		golden.write()
	}
}

func readGolden() map[string]string {
	all := map[string]string{}
	raw, _ := os.ReadFile(goldenFile) // absent: no message is known
	for _, section := range strings.Split(string(raw), "\n== ")[1:] {
		name, text, _ := strings.Cut(section, "\n")
		all[name] = strings.TrimSuffix(text, "\n")
	}
	return all
}

// write keeps the messages of tests that -run left out.
func (s *messageStore) write() {
	all := map[string]string{}
	if flag.Lookup("test.run").Value.String() != "" {
		maps.Copy(all, s.old)
	}
	maps.Copy(all, s.new)
	var b strings.Builder
	b.WriteString("Messages of the tools. Written by: go test ./tools -update\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "\n== %s\n%s\n", name, all[name])
	}
	if err := os.WriteFile(goldenFile, []byte(b.String()), 0o644); err != nil {
		panic(err)
	}
}

// check compares text with the golden file's under a name.
func (s *messageStore) check(t *testing.T, name, text string) {
	t.Helper()
	text = variable.ReplaceAllString(text, "…")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.new[name] = text
	if *update {
		return
	}
	if want, known := s.old[name]; !known || want != text {
		t.Errorf("%s has\n%s\nand the answer is\n%s\nIf that is right: go test ./tools -update", goldenFile, want, text)
	}
}

// variable matches what differs between runs of a test: ids.
var variable = regexp.MustCompile(`\b\d{15,}\b`)

// checkMessages compares the answer's messages with those of the golden file: the text
// of an error, or the summary and the warnings.
func (a answer) checkMessages(label ...string) {
	a.t.Helper()
	golden.check(a.t, strings.Join(append([]string{a.t.Name()}, label...), ", "), a.messages())
}

func (a answer) messages() string {
	a.t.Helper()
	if a.IsError {
		p := a.problem()
		return p.Code + ": " + p.Message
	}
	line, _, _ := strings.Cut(a.Text, "\n")
	var result struct {
		Summary  string
		Warnings []string
		Rows     json.RawMessage
	}
	if err := json.Unmarshal([]byte(line), &result); err != nil {
		a.t.Fatalf("%v in %s", err, line)
	}
	lines := append([]string{"summary: " + result.Summary}, result.Warnings...)
	var rows []schemas.BatchRow
	_ = json.Unmarshal(result.Rows, &rows) // a count, in other results
	for _, row := range rows {
		if row.Error != "" {
			lines = append(lines, fmt.Sprintf("row %d: %s", row.Row, row.Error))
		}
	}
	return strings.Join(lines, "\n")
}
