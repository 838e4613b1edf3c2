package edit_test

import (
	"testing"

	"github.com/browseract/browseract-mcp/server/cli/clients/edit"
)

// FuzzAnyText holds what is true of any text: it is edited as asked, or refused.
func FuzzAnyText(f *testing.F) {
	for _, place := range places {
		f.Add(int(place.format), place.before)
		f.Add(int(place.format), place.after)
	}
	f.Fuzz(func(t *testing.T, format int, text string) {
		language := edit.Format(uint(format) % 3)
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
