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

// sum counts, and takes away what nobody may read: secrets, and what a terminal
// would obey.
func (d *diagnosis) sum() {
	d.Status = well
	for n := range d.Checks {
		f := &d.Checks[n]
		f.Check, f.Found, f.Next = harmless(f.Check), harmless(f.Found), harmless(f.Next)
		switch f.Level {
		case warning:
			d.Warnings++
		case wrong:
			d.Errors++
		}
	}
	switch {
	case d.Errors > 0:
		d.Status = wrong
	case d.Warnings > 0:
		d.Status = warning
	}
}

// maxFinding is how many characters of a finding are told: some of them quote
// what another program has said.
const maxFinding = 600

func harmless(text string) string {
	text = strings.Join(strings.Fields(output.Clean(redact(text))), " ")
	if runes := []rune(text); len(runes) > maxFinding {
		return string(runes[:maxFinding]) + "…"
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

func (d *diagnosis) asJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return err
	}
	return d.err()
}

func (d *diagnosis) asText(t transcript) error {
	for _, f := range d.Checks {
		label := fmt.Sprintf("%-8s %-14s ", f.Level, f.Check)
		t.put(label, f.Found, " ")
		if f.Next != "" {
			t.put(strings.Repeat(" ", len("warning  ")), "→ "+f.Next, " ")
		}
	}
	switch {
	case d.Errors > 0:
	case d.Warnings > 0:
		t.put("", fmt.Sprintf("\nIt works; %d of %d checks have a warning.", d.Warnings, len(d.Checks)), " ")
	default:
		t.put("", "\nAll is well.", " ")
	}
	return d.err()
}
