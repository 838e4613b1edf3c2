package cli

import (
	"bufio"
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
	"github.com/browseract/browseract-mcp/tools/output"
)

// An edition is a configuration and what is to become of it.
type edition struct {
	client clients.Client
	file   *clients.File
	// after is what the file will hold; shown is the same without a secret.
	after, shown []byte
	// held says that the entry held the key before.
	held bool
	// older is how the entry started the server before.
	older clients.Launch
	// own are the lines of the entry, which hold no secret.
	own  map[string]bool
	mode fs.FileMode
	// limits are those of the client for this entry.
	limits clients.Limits
	notes  []string
	flags  entryFlags
}

// install adds the entry, and to what is shown the one without a secret.
func (e *edition) install(launch, shown clients.Launch) (err error) {
	name := string(e.flags.Name)
	e.after, err = e.client.Install(e.file.Data, name, launch)
	e.shown = e.after
	if err == nil && !reflect.DeepEqual(launch, shown) { // some configurations have megabytes
		e.shown, err = e.client.Install(e.file.Data, name, shown)
	}
	if err == nil {
		var entry []byte
		entry, err = e.client.Install(nil, name, shown)
		e.own = linesOf(entry)
	}
	return e.wrap(err)
}

func (e *edition) uninstall() (err error) {
	kept, err := e.file.Kept()
	if err != nil {
		return err
	}
	e.after, err = e.client.Uninstall(e.file.Data, string(e.flags.Name), kept...)
	e.shown = e.after
	return e.wrap(err)
}

// wrap names the file in an error.
func (e *edition) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", e.file.Path, err)
}

// apply shows the change, asks, and makes it.
func (e *edition) apply(ctx context.Context, sys *system) error {
	if bytes.Equal(e.file.Data, e.after) {
		fmt.Fprintf(sys.stdout, "Nothing changes: %s is as it should be.\n", e.file.Path)
		return nil
	}
	fmt.Fprint(sys.stdout, e.changes())
	for _, note := range e.notes {
		transcript{sys.stdout}.put("Note: ", note, " ")
	}
	if e.flags.DryRun {
		return nil
	}
	if !e.flags.Yes && !confirm(ctx, sys, "Change it? [y/N] ") {
		return errors.New("nothing was changed")
	}
	done, backup, err := e.write(time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(sys.stdout, "%s %s\n", done, e.file.Path)
	if backup != "" {
		fmt.Fprintf(sys.stdout, "Before, it was as in %s\n", backup)
	}
	if e.held {
		fmt.Fprintln(sys.stdout, "That copy holds the API key: delete it once all is well.")
	}
	transcript{sys.stdout}.put("", e.client.Next, " ")
	return nil
}

// write makes the change, and tells which it was.
func (e *edition) write(at time.Time) (done, backup string, err error) {
	if e.after == nil {
		backup, err = e.file.Remove(at)
		return "Nothing else was in it, so it is gone:", backup, err
	}
	backup, err = e.file.Replace(e.after, e.mode, at)
	return "Changed", backup, err
}

// maxShown is how many characters of a line are shown: some clients write their
// whole configuration on one.
const maxShown = 160

// changes is the difference, without secrets and without what a terminal would
// obey.
func (e *edition) changes() string {
	text := string(diff.Diff(e.file.Path, e.file.Data, e.file.Path, e.shown))
	_, text, _ = strings.Cut(text, "\n") // the command line of a diff
	var b strings.Builder
	for line := range strings.Lines(output.Clean(text)) {
		line = strings.TrimSuffix(line, "\n")
		if !e.own[bare(line)] {
			line = redact(line)
		}
		if runes := []rune(line); len(runes) > maxShown {
			line = string(runes[:maxShown]) + "…"
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// linesOf are the lines of text, bare.
func linesOf(text []byte) map[string]bool {
	lines := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		lines[bare(strings.TrimSpace(line))] = true
	}
	return lines
}

// bare is a line of a difference without what depends on where it stands.
func bare(line string) string {
	return strings.Trim(strings.TrimPrefix(line, "+"), " \t,")
}

// confirm asks a question; what is not a yes is a no, as is the end of stdin.
func confirm(ctx context.Context, sys *system, question string) bool {
	fmt.Fprint(sys.stdout, question)
	answered := make(chan string, 1)
	go func() { // ends with stdin, which nothing here can interrupt: hence not awaited
		answer, _ := bufio.NewReader(sys.stdin).ReadString('\n')
		answered <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case answer := <-answered:
		return answer == "y" || answer == "yes"
	case <-ctx.Done():
		fmt.Fprintln(sys.stdout)
		return false
	}
}
