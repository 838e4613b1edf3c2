package output_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

func TestPreviewIsShortAndValid(t *testing.T) {
	t.Parallel()
	outputs := oversized()
	outputs["JSON"] = jsonRows("  ", 20)
	outputs["CSV"] = csvRows(20)
	outputs["text"] = english + "\n" + english
	for name, text := range outputs {
		d := output.Parse(text)
		for limit := 0; limit < 1500; limit += 1 + limit/sampled(10) {
			preview := d.Preview(limit)
			if len(preview) > limit || !utf8.ValidString(preview) || sanitize.Invisible(preview) != preview {
				t.Fatalf("%s: Preview(%d) is %d bytes: %q", name, limit, len(preview), preview)
			}
			if _, ok := d.Rows(); ok && d.Kind() != output.CSV && limit > 64 && !json.Valid([]byte(preview)) {
				t.Fatalf("%s: Preview(%d) is no JSON: %q", name, limit, preview)
			}
		}
	}
}

func TestPreviewShowsTheFirstRows(t *testing.T) {
	t.Parallel()
	for _, fact := range []struct {
		text  string
		limit int
		want  string
	}{
		{`[{"a":1},{"a":2}]`, 100, "[{\"a\":1},\n{\"a\":2}]"},
		{`[{"a":1},{"a":2}]`, 15, `[{"a":1}]`},
		{"a,b\n1,2\n3,4\n", 100, "a,b\n1,2\n3,4"},
		{"a,b\n1,2\n3,4\n", 6, "a,b…"},
		{"one\ntwo\nthree\n", 100, "one\ntwo\nthree"},
		{"one\ntwo\nthree\n", 12, "one\ntwo\n…"},
		{`{"a": 1`, 100, `{"a": 1`},
		{"\u202ehidden\u202c", 100, "hidden"},
		{"", 100, ""},
		{"text", 0, ""},
	} {
		if got := output.Parse(fact.text).Preview(fact.limit); got != fact.want {
			t.Errorf("Parse(%q).Preview(%d) = %q, want %q", fact.text, fact.limit, got, fact.want)
		}
	}
}
