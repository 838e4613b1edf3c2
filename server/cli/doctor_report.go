package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/browseract/browseract-mcp/tools/output"
)

// A diagnosis is the report. Its JSON is a promise: members come, and none goes.
type diagnosis struct {
	Version  string    `json:"version"`
	Status   level     `json:"status"` // the worst level of the checks
	Errors   int       `json:"errors"`
	Warnings int       `json:"warnings"`
	Checks   []finding `json:"checks"`
}

// add counts a finding in.
func (d *diagnosis) add(f finding) {
	d.Checks = append(d.Checks, f)
	switch f.Level {
	case warning:
		d.Warnings++
	case wrong:
		d.Errors++
	}
	switch {
	case d.Errors > 0:
		d.Status = wrong
	case d.Warnings > 0:
		d.Status = warning
	}
}

// harmless is the finding without what nobody may read: secrets, and what a
// terminal would obey.
func (f finding) harmless() finding {
	f.Check, f.Found, f.Next, f.Runs = harmless(f.Check), harmless(f.Found), harmless(f.Next), harmless(f.Runs)
	for n, text := range f.Differs {
		f.Differs[n] = harmless(text)
	}
	return f
}

// maxFinding is how many characters of a finding are told: some of them quote
// what another program has said.
const maxFinding = 600

func harmless(text string) string {
	return clip(strings.Join(strings.Fields(output.Clean(redact(text))), " "), maxFinding)
}

// clip returns the beginning of a text, of at most so many characters.
func clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// err is the error that the command ends with, nil if nothing is wrong.
func (d *diagnosis) err() error {
	if d.Errors == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d checks found an error", d.Errors, len(d.Checks))
}

// put prints the report for programs.
func (d *diagnosis) put(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// put prints a finding for people.
func (f finding) put(t transcript) {
	t.put(fmt.Sprintf("%-8s %-14s ", f.Level, f.Check), f.Found, " ")
	const below = "         "
	if f.Runs != "" {
		t.put(below, "runs: "+f.Runs, " ")
	}
	for _, text := range f.Differs {
		t.put(below, "differs: "+text, " ")
	}
	if f.Next != "" {
		t.put(below, "→ "+f.Next, " ")
	}
}

// sum is the last word for people, "" where there is an error, which main prints.
func (d *diagnosis) sum() string {
	switch d.Status {
	case wrong:
		return ""
	case warning:
		return fmt.Sprintf("\nIt works; %d of %d checks have a warning.", d.Warnings, len(d.Checks))
	}
	return "\nAll is well."
}
