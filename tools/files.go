package tools

import (
	"fmt"
	"net/url"
	"path"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// A taskFile is a file that a run left: what is told of it, and the name that it has
// where it came from.
type taskFile struct {
	schemas.File

	original string
	expires  time.Time // zero: nobody says
}

const (
	stateUploaded = "uploaded"
	stateExpired  = "expired"
)

// files lists what the run left beside its text. Files come with their details,
// and as bare URLs. No two have the same name.
func (s *sighting) files() []taskFile {
	var files []taskFile
	known := map[string]bool{}
	for _, f := range s.task.Files {
		known[f.URL] = true
		files = append(files, newTaskFile(f.Name, f.URL, f.Status, int64(f.Bytes), firstTime(f.ExpiresAt, s.task.FilesExpiresAt)))
	}
	for _, address := range s.task.Output.Files {
		if !known[address] {
			files = append(files, newTaskFile(nameOf(address), address, stateUploaded, 0, s.task.FilesExpiresAt.Time))
		}
	}
	distinguish(files)
	return files
}

func newTaskFile(name, address, state string, bytes int64, expires time.Time) taskFile {
	f := taskFile{
		File: schemas.File{
			Name:      sanitize.OneLine(name, maxName),
			Bytes:     bytes,
			URL:       link(address),
			ExpiresAt: schemas.Timestamp(expires),
			State:     sanitize.OneLine(state, maxName),
		},
		original: name,
		expires:  expires,
	}
	if f.expired() {
		f.State = stateExpired
	}
	return f
}

func (f taskFile) expired() bool { return !f.expires.IsZero() && !time.Now().Before(f.expires) }

// distinguish numbers files that share a name.
func distinguish(files []taskFile) {
	seen := map[string]int{}
	for i := range files {
		name := files[i].Name
		if seen[name]++; seen[name] > 1 {
			number := fmt.Sprintf(" (%d)", seen[name])
			files[i].Name = sanitize.OneLine(name, maxName-len(number)) + number
		}
	}
}

// expiresSoon is when a model is told to hurry.
const expiresSoon = time.Hour

// describeFiles adds the files to an answer, with a warning before they are gone.
func (s *sighting) describeFiles(r *schemas.Task) {
	soon, gone := 0, 0
	for _, f := range s.files() {
		r.Files = append(r.Files, f.File)
		switch {
		case f.expired():
			gone++
		case !f.expires.IsZero() && time.Until(f.expires) < expiresSoon:
			soon++
		}
	}
	if soon > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("BrowserAct deletes %s within the hour: what the user wants to keep has to be downloaded now.", countFiles(soon)))
	}
	if gone > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("BrowserAct has deleted %s by now: the links lead nowhere.", countFiles(gone)))
	}
}

func countFiles(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

const maxLink = 4096 // bytes; pre-signed links are long

// link returns an address that came from BrowserAct if it is a plain web address,
// else nothing: a workflow writes some of them, and so can a page.
func link(address string) string {
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
