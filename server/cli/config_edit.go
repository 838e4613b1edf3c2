package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/browseract/browseract-mcp/server/cli/clients"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A configEdit is a client's configuration and a change to it.
type configEdit struct {
	client clients.Client
	file   *clients.File
	// after is what the file will hold; shown is the same without a secret.
	after, shown []byte
	// hadKey says that the entry held the key itself before.
	hadKey bool
	// older is how the entry started the server before.
	older clients.Launch
	// entryLines are the lines of the entry, which hold no secret.
	entryLines map[string]bool
	mode       fs.FileMode
	// limits are the client's for this entry.
	limits clients.Limits
	notes  []string
	flags  entryFlags
}

// install adds the entry, and to what is shown one without a secret.
func (e *configEdit) install(launch, shown clients.Launch) (err error) {
	name := string(e.flags.Name)
	e.after, err = e.client.Install(e.file.Data, name, launch)
	e.shown = e.after
	if err == nil && !reflect.DeepEqual(launch, shown) { // some configurations have megabytes
		e.shown, err = e.client.Install(e.file.Data, name, shown)
	}
	if err == nil {
		var entry []byte
		entry, err = e.client.Install(nil, name, shown)
		e.entryLines = map[string]bool{}
		for line := range strings.Lines(string(entry)) {
			e.entryLines[trimDiff(strings.TrimSpace(line))] = true
		}
	}
	return e.wrap(err)
}

func (e *configEdit) uninstall() error {
	backups, err := e.file.Backups()
	if err != nil {
		return err
	}
	e.after, err = e.client.Uninstall(e.file.Data, string(e.flags.Name), backups...)
	e.shown = e.after
	return e.wrap(err)
}

// wrap names the file in an error.
func (e *configEdit) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", e.file.Path, err)
}

// apply shows the change, asks, and makes it.
func (e *configEdit) apply(ctx context.Context, sys *system) error {
	if bytes.Equal(e.file.Data, e.after) {
		fmt.Fprintf(sys.stdout, "Nothing changes: %s is as it should be.\n", e.file.Path)
		return nil
	}
	fmt.Fprint(sys.stdout, e.diff())
	for _, note := range e.notes {
		textWriter{sys.stdout}.put("Note: ", note, " ")
	}
	if e.flags.DryRun {
		return nil
	}
	if !e.flags.Yes {
		if answer := ask(ctx, sys, "Change it? [y/N] "); answer != "y" && answer != "yes" {
			return errors.New("nothing was changed")
		}
	}
	done, backup, err := e.write(time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(sys.stdout, "%s %s\n", done, e.file.Path)
	if backup != "" {
		fmt.Fprintf(sys.stdout, "The previous file is %s\n", backup)
	}
	if e.hadKey {
		fmt.Fprintln(sys.stdout, "That copy holds the API key: delete it once the client works.")
	}
	textWriter{sys.stdout}.say(e.client.Next)
	return nil
}

// write makes the change, and says which it was.
func (e *configEdit) write(at time.Time) (done, backup string, err error) {
	if e.after == nil {
		backup, err = e.file.Remove(at)
		return "Removed, as nothing else was in it:", backup, err
	}
	backup, err = e.file.Replace(e.after, e.mode, at)
	return "Changed", backup, err
}

// maxLine is how many characters of a line are shown: some clients write their whole
// configuration on one.
const maxLine = 160

// diff is the change, without secrets and without what a terminal would obey.
func (e *configEdit) diff() string {
	text := string(diff.Diff(e.file.Path, e.file.Data, e.file.Path, e.shown))
	_, text, _ = strings.Cut(text, "\n") // the command line of a diff
	var b strings.Builder
	for line := range strings.Lines(sanitize.Invisible(text)) {
		line = strings.TrimSuffix(line, "\n")
		if !e.entryLines[trimDiff(line)] {
			line = sanitize.Secrets(line)
		}
		b.WriteString(sanitize.Truncate(line, maxLine) + "\n")
	}
	return b.String()
}

// trimDiff is a line of a diff without what depends on its place.
func trimDiff(line string) string { return strings.Trim(strings.TrimPrefix(line, "+"), " \t,") }
