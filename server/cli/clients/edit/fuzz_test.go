package edit_test

import (
	"slices"
	"testing"

	"github.com/browseract/browseract-mcp/server/cli/clients/edit"
)

// FuzzAnyText holds what is true of any text: it is edited as asked, or refused.
func FuzzAnyText(f *testing.F) {
	formats := []edit.Format{edit.JSON, edit.TOML, edit.YAML}
	for _, place := range places {
		f.Add(slices.Index(formats, place.format), place.before)
		f.Add(slices.Index(formats, place.format), place.after)
	}
	f.Fuzz(func(t *testing.T, format int, text string) {
		language := formats[uint(format)%3]
		got, err := language.Put([]byte(text), []string{"servers", "us"}, entry(), []string{"old"})
		if err != nil {
			return
		}
		if command, err := language.Lookup(got, "servers", "us", "command"); err != nil || command != "/bin/us" {
			t.Errorf("%q became %q, with %v, %v", text, got, command, err)
		}
		removed, err := language.Remove(got, "servers", "us")
		if err != nil {
			return
		}
		if left, err := language.Lookup(removed, "servers", "us"); err != nil || left != nil {
			t.Errorf("%q became %q, with %v, %v", got, removed, left, err)
		}
	})
}
