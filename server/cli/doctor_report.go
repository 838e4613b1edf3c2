package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A report is what doctor found. Programs read its JSON: members may be added, and
// none removed.
type report struct {
	Version  string   `json:"version"`
	Status   level    `json:"status"` // the worst of the checks
	Errors   int      `json:"errors"`
	Warnings int      `json:"warnings"`
	Checks   []result `json:"checks"`
}

func (r *report) add(result result) {
	r.Checks = append(r.Checks, result)
	switch result.Level {
	case levelError:
		r.Errors++
		r.Status = levelError
	case levelWarning:
		r.Warnings++
		if r.Errors == 0 {
			r.Status = levelWarning
		}
	}
}

// maxText is how many characters of a text are shown: some quote other programs.
const maxText = 600

// sanitize removes secrets, and what a terminal would obey.
func (r result) sanitize() result {
	clean := func(text string) string {
		return sanitize.Truncate(strings.Join(strings.Fields(sanitize.Invisible(sanitize.Secrets(text))), " "), maxText)
	}
	r.Check, r.Found, r.Next, r.Runs = clean(r.Check), clean(r.Found), clean(r.Next), clean(r.Runs)
	for n, text := range r.Differs {
		r.Differs[n] = clean(text)
	}
	return r
}

// err is the error that the command ends with, nil without an error in the report.
func (r *report) err() error {
	if r.Errors == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d checks found an error", r.Errors, len(r.Checks))
}

func (r *report) put(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

func (r result) put(t textWriter) {
	t.put(fmt.Sprintf("%-8s %-14s ", r.Level, r.Check), r.Found, " ")
	const indent = "         "
	if r.Runs != "" {
		t.put(indent, "runs: "+r.Runs, " ")
	}
	for _, text := range r.Differs {
		t.put(indent, "differs: "+text, " ")
	}
	if r.Next != "" {
		t.put(indent, "→ "+r.Next, " ")
	}
}

// summary is the last line for users, "" with an error, which Run prints.
func (r *report) summary() string {
	switch r.Status {
	case levelError:
		return ""
	case levelWarning:
		return fmt.Sprintf("\nIt works; %d of %d checks have a warning.", r.Warnings, len(r.Checks))
	}
	return "\nAll is well."
}
