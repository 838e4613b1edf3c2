package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/custom"
)

// exposeFlags say which workflows and templates are tools of their own.
type exposeFlags struct {
	Config         string   `type:"path" placeholder:"PATH" help:"Overlay that makes tools of workflows and templates. By default browseract-mcp.yaml in your configuration folder, if it is there."`
	Expose         []string `placeholder:"ID[=TOOL]" help:"Workflows to make tools of, each with the tool's name if you choose it."`
	ExposeTemplate []string `placeholder:"ID[=TOOL]" help:"Templates to make tools of."`
}

// overlayName is the overlay's file in the folder of this program's configuration.
const overlayName = program + ".yaml"

const (
	// firstRead is how long a start waits at most for definitions, once: where the cache
	// does not tell of a target, and nobody has tried to read it yet.
	firstRead = 750 * time.Millisecond
	// calmRead is that for a person who only looks.
	calmRead = 4 * time.Second
)

// An exposure is what the user exposes, and what is known of it.
type exposure struct {
	overlay string // the overlay's path; "" without one
	seen    string // what it was like when it was read, see stampOf
	entries []custom.Entry
	cache   *custom.Cache
	client  *browseract.Client // with the operator's key; nil where there is none
	tools   []*custom.Tool

	stops []context.CancelFunc
	work  sync.WaitGroup // what stops end
}

// Close ends what is done behind calls, and waits for that.
func (e *exposure) Close() error {
	for _, stop := range e.stops {
		stop()
	}
	e.work.Wait()
	return nil
}

// entries are those of the overlay and of the flags, and the overlay's path; ""
// where there is none.
func (f exposeFlags) entries(sys *system) (entries []custom.Entry, path string, err error) {
	var flags []custom.Entry
	for _, group := range []struct {
		kind   custom.Kind
		flag   string
		values []string
	}{{custom.Workflow, "--expose", f.Expose}, {custom.Template, "--expose-template", f.ExposeTemplate}} {
		for _, value := range group.values {
			e, err := custom.ParseFlag(group.kind, group.flag, value)
			if err != nil {
				return nil, "", err
			}
			flags = append(flags, e)
		}
	}
	path = f.path(sys)
	if path == "" {
		return custom.Merge(nil, flags), "", nil
	}
	overlay, err := readOverlay(path)
	if errors.Is(err, os.ErrNotExist) && f.Config == "" {
		return custom.Merge(nil, flags), "", nil
	}
	return custom.Merge(overlay, flags), path, err
}

// path is where the overlay is, or would be; "" where nobody can tell.
func (f exposeFlags) path(sys *system) string {
	if f.Config != "" {
		return f.Config
	}
	if folder := configFolder(runtime.GOOS, sys.getenv); folder != "" {
		return filepath.Join(folder, program, overlayName)
	}
	return ""
}

// readOverlay reads an overlay that has to be sound.
func readOverlay(path string) ([]custom.Entry, error) {
	data, err := readOverlayFile(path)
	if err != nil {
		return nil, err
	}
	entries, problems := custom.Parse(data)
	if len(problems) > 0 {
		more := ""
		if n := len(problems) - 1; n > 0 {
			more = fmt.Sprintf(", and %d more; %s config check tells all", n, program)
		}
		return nil, fmt.Errorf("%s: %w%s", path, problems[0], more)
	}
	for i := range entries {
		entries[i].Where = path + ", " + entries[i].Where
	}
	return entries, nil
}

func readOverlayFile(path string) ([]byte, error) {
	// To open a pipe would wait for whoever writes into it.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, custom.MaxOverlayBytes+1))
}

// configFolder is the user's folder for configuration, cacheFolder that for what
// can be had again; "" where the environment tells of none.
func configFolder(goos string, getenv func(string) string) string {
	return userFolder(goos, getenv, "APPDATA", "Library/Application Support", "XDG_CONFIG_HOME", ".config")
}

func cacheFolder(goos string, getenv func(string) string) string {
	return userFolder(goos, getenv, "LOCALAPPDATA", "Library/Caches", "XDG_CACHE_HOME", ".cache")
}

func userFolder(goos string, getenv func(string) string, windows, mac, variable, other string) string {
	folder, home := getenv(variable), getenv("HOME")
	switch {
	case goos == "windows":
		folder = getenv(windows)
	case goos == "darwin" && home != "":
		folder = filepath.Join(home, filepath.FromSlash(mac))
	case !filepath.IsAbs(folder) && home != "": // a relative one counts as none
		folder = filepath.Join(home, other)
	}
	if !filepath.IsAbs(folder) {
		return ""
	}
	return folder
}

// expose makes the tools of what the user exposes. It begins to read their
// definitions, and waits for that at most once, for patience: see firstRead.
func (f *accountFlags) expose(ctx context.Context, sys *system, a *account, patience time.Duration) (*exposure, error) {
	seen := stampOf(f.Exposed.path(sys))
	entries, path, err := f.Exposed.entries(sys)
	if err != nil {
		return nil, err
	}
	e := &exposure{overlay: path, seen: seen, entries: entries}
	if len(entries) == 0 && path == "" {
		return e, nil
	}
	if err := e.connect(ctx, sys, a, f.APIURL); err != nil {
		return nil, err
	}
	read := e.readBehind(ctx, sys)
	if e.knowsTooLittle() {
		select {
		case <-read:
		case <-time.After(patience):
		case <-ctx.Done():
		}
	}
	if e.tools, err = f.build(entries, e.cache.Definition); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	e.warn(ctx, sys)
	return e, nil
}

// build makes the tools of entries with these settings.
func (f *accountFlags) build(entries []custom.Entry, known func(custom.Target) (custom.Definition, bool)) ([]*custom.Tool, error) {
	return custom.Build(entries, known, tools.Names(), tools.Config{Toolsets: f.Policy.Toolsets}.UnreadKinds()...)
}

// connect opens the cache, and a client with the operator's key: over HTTP callers
// have keys of their own, and what they may see is not for all.
func (e *exposure) connect(ctx context.Context, sys *system, a *account, apiURL string) error {
	var err error
	if e.cache, err = custom.OpenCache(a.cachePath(sys, apiURL)); err != nil {
		sys.logger.WarnContext(ctx, "the cache of definitions cannot be read, so it begins anew", "error", err)
	}
	if a.key == "" {
		return nil
	}
	e.client, err = a.connect(own(a.key))
	return err
}

// cachePath is the cache of the operator's key; "" where there is none.
func (a *account) cachePath(sys *system, apiURL string) string {
	folder := cacheFolder(runtime.GOOS, sys.getenv)
	if folder == "" || a.key == "" || a.simulated {
		return ""
	}
	return custom.CachePath(filepath.Join(folder, program), apiURL, a.key)
}

// readBehind reads what the cache lacks, and closes the channel when it is done.
func (e *exposure) readBehind(ctx context.Context, sys *system) <-chan struct{} {
	ctx, stop := context.WithCancel(ctx)
	e.stops = append(e.stops, stop)
	done := make(chan struct{})
	if e.client == nil || len(e.entries) == 0 {
		close(done)
		return done
	}
	e.work.Go(func() { // ends with its requests, 3 s each
		defer close(done)
		e.read(ctx, sys, e.entries)
	})
	return done
}

func (e *exposure) read(ctx context.Context, sys *system, entries []custom.Entry) {
	missed := e.cache.Refresh(ctx, e.client, custom.Targets(entries))
	if missed > 0 {
		sys.logger.WarnContext(ctx, "definitions of exposed workflows or templates could not be read", "missed", missed)
	}
	if err := e.cache.Save(); err != nil {
		sys.logger.WarnContext(ctx, "the cache of definitions cannot be written", "error", err)
	}
}

// knowsTooLittle reports whether there is a target of which nothing is known, and
// nobody has asked yet.
func (e *exposure) knowsTooLittle() bool {
	for _, entry := range e.entries {
		if !e.cache.Tried(entry.Target) {
			return true
		}
	}
	return false
}

// warn logs which tools have no definition.
func (e *exposure) warn(ctx context.Context, sys *system) {
	const most = 5
	var unknown []string
	for _, tool := range e.tools {
		if !tool.Known {
			unknown = append(unknown, tool.Name+" ("+tool.Target.String()+")")
		}
	}
	if len(unknown) > 0 {
		sys.logger.WarnContext(ctx, "definitions of exposed tools are not known yet, so those take what the overlay says, and any inputs",
			"count", len(unknown), "tools", strings.Join(unknown[:min(len(unknown), most)], ", "))
	}
}
