package output

import (
	"context"
	"fmt"
	"slices"

	"github.com/browseract/browseract-mcp/tools/output/jq"
)

// maxSelected is the size limit of a program's results, in bytes.
const maxSelected = 32 << 20

// Select runs a jq program and returns its results as a new document, each a row; a
// single result that is an array gives its elements. The program's input is one
// value without invisible characters: JSON as it is, an array of NDJSON's values or
// of CSV's records as objects of strings, else a string. Numbers that it does not
// calculate with keep their digits.
//
// The program sees neither environment nor files. It is stopped within 2 s, when it
// uses too much memory, or gives more than 100,000 results or 32 MB. Errors begin
// with "select: " and say what to change; they wrap ctx's if that ends first.
func (d *Document) Select(ctx context.Context, program string) (*Document, error) {
	p, err := jq.Compile(program)
	if err != nil {
		return nil, fmt.Errorf("select: %w", err)
	}
	in := newValueReader(d.src, p.Keys())
	input, err := in.document(d)
	if err != nil {
		return nil, fmt.Errorf("select: %w", err)
	}
	out := valueWriter{keys: in.keys}
	if err := p.Run(ctx, input, len(d.src), out.result); err != nil {
		return nil, fmt.Errorf("select: %w%s", err, inputHint(input))
	}
	selected := Parse(out.text())
	selected.warnings = slices.Concat(d.warnings, in.warnings(), out.warnings(in.longNumbers), selected.warnings)
	return selected, nil
}

// inputHint says what the input of a program is that failed.
func inputHint(input any) string {
	switch input := input.(type) {
	case []any:
		return fmt.Sprintf(". Its input is an array of %d", len(input))
	case map[string]any:
		return fmt.Sprintf(". Its input is an object with %d keys", len(input))
	case string:
		return ". Its input is one text"
	}
	return ""
}
