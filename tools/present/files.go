package present

import (
	"fmt"
	"net/url"
	"path"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A File is a file that a run left.
type File struct {
	schemas.File

	// Original is the name that the file has where it came from.
	Original string

	expires time.Time // the zero time is not known
}

const (
	stateUploaded = "uploaded"
	stateExpired  = "expired"
)

// Files lists the files that a run left: those with details, then those that are only
// URLs in its output. No two have the same name.
func Files(s *runs.Snapshot) []File {
	var files []File
	known := map[string]bool{}
	for _, f := range s.Task.Files {
		known[f.URL] = true
		files = append(files, newFile(f.Name, f.URL, f.Status, int64(f.Bytes), firstTime(f.ExpiresAt, s.Task.FilesExpiresAt)))
	}
	for _, address := range s.Task.Output.Files {
		if !known[address] {
			files = append(files, newFile(nameOf(address), address, stateUploaded, 0, s.Task.FilesExpiresAt.Time))
		}
	}
	numberDuplicates(files)
	return files
}

func newFile(name, address, state string, bytes int64, expires time.Time) File {
	f := File{
		File: schemas.File{
			Name:      sanitize.OneLine(name, runs.MaxName),
			Bytes:     bytes,
			URL:       Link(address),
			ExpiresAt: schemas.Timestamp(expires),
			State:     sanitize.OneLine(state, runs.MaxName),
		},
		Original: name,
		expires:  expires,
	}
	if f.Expired() {
		f.State = stateExpired
	}
	return f
}

// Expired reports whether BrowserAct has deleted the file; false where it is not known.
func (f File) Expired() bool { return !f.expires.IsZero() && !time.Now().Before(f.expires) }

// numberDuplicates numbers files that share a name.
func numberDuplicates(files []File) {
	seen := map[string]int{}
	for i := range files {
		name := files[i].Name
		if seen[name]++; seen[name] > 1 {
			number := fmt.Sprintf(" (%d)", seen[name])
			files[i].Name = sanitize.OneLine(name, runs.MaxName-len(number)) + number
		}
	}
}

// expiresSoon is how long before its deletion an answer warns of a file.
const expiresSoon = time.Hour

// describeFiles adds the files to an answer, with a warning before they are gone.
func describeFiles(s *runs.Snapshot, r *schemas.Task) {
	soon, gone := 0, 0
	for _, f := range Files(s) {
		r.Files = append(r.Files, f.File)
		switch {
		case f.Expired():
			gone++
		case !f.expires.IsZero() && time.Until(f.expires) < expiresSoon:
			soon++
		}
	}
	if soon > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("BrowserAct deletes %s within the hour: download now what the user wants to keep.", CountFiles(soon)))
	}
	if gone > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("BrowserAct has deleted %s: the links no longer work.", CountFiles(gone)))
	}
}

// CountFiles returns a number of files in words: "1 file", "2 files".
func CountFiles(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

const maxLink = 4096 // bytes; pre-signed links are long

// Link returns an address that came from BrowserAct if it is an http or https address of
// at most 4,096 bytes, else "": a workflow writes some of them, and so can a page.
func Link(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || len(address) > maxLink {
		return ""
	}
	return u.String() // what is not for an address is escaped
}

// nameOf guesses a file's name from its URL.
func nameOf(link string) string {
	u, err := url.Parse(link)
	if err != nil || path.Base(u.Path) == "." || path.Base(u.Path) == "/" {
		return "file"
	}
	return path.Base(u.Path)
}

func firstTime(times ...browseract.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t.Time
		}
	}
	return time.Time{}
}
