package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/custom"
)

// customFlags say which workflows and templates are tools of their own.
type customFlags struct {
	Config         string   `type:"path" placeholder:"PATH" help:"Overlay that makes tools of workflows and templates. By default browseract-mcp.yaml in your configuration folder, if it is there."`
	Expose         []string `placeholder:"ID[=TOOL]" help:"Workflows to make tools of, each with the tool's name if you choose it."`
	ExposeTemplate []string `placeholder:"ID[=TOOL]" help:"Templates to make tools of."`
}

// customTools are the tools of the user's workflows and templates.
type customTools struct {
	overlay string // the overlay's path; "" without one
	stamp   string // the overlay's when it was read, see stampOf
	entries []custom.Entry
	cache   *custom.Cache
	client  *browseract.Client // with the operator's key; nil without one
	tools   []*custom.Tool

	cancels []context.CancelFunc
	work    sync.WaitGroup // what cancels end
}

// close ends the background work, and waits for it.
func (c *customTools) close() {
	for _, cancel := range c.cancels {
		cancel()
	}
	c.work.Wait()
}

// entries are those of the overlay and of the flags, and the overlay's path; "" if
// there is none.
func (f customFlags) entries(sys *system) (entries []custom.Entry, path string, err error) {
	flags, err := f.flagEntries()
	path = f.path(sys)
	if err != nil || path == "" {
		return custom.Merge(nil, flags), "", err
	}
	overlay, err := readOverlay(path)
	if errors.Is(err, os.ErrNotExist) && f.Config == "" {
		return custom.Merge(nil, flags), "", nil
	}
	return custom.Merge(overlay, flags), path, err
}

func (f customFlags) flagEntries() ([]custom.Entry, error) {
	var entries []custom.Entry
	for _, flag := range []struct {
		kind   custom.Kind
		name   string
		values []string
	}{{custom.Workflow, "--expose", f.Expose}, {custom.Template, "--expose-template", f.ExposeTemplate}} {
		for _, value := range flag.values {
			entry, err := custom.ParseFlag(flag.kind, flag.name, value)
			if err != nil {
				return nil, err
			}
			entries = append(entries, entry)
		}
	}
	return entries, nil
}

// path is where the overlay is, or would be; "" if no folder for it is known.
func (f customFlags) path(sys *system) string {
	return cmp.Or(f.Config, sys.userFile(program+".yaml", "APPDATA", "Library/Application Support", "XDG_CONFIG_HOME", ".config"))
}

// readOverlay reads an overlay, and returns its first mistake as an error.
func readOverlay(path string) ([]custom.Entry, error) {
	data, err := readOverlayFile(path)
	if err != nil {
		return nil, err
	}
	entries, mistakes := custom.Parse(data)
	if len(mistakes) > 0 {
		more := ""
		if n := len(mistakes) - 1; n > 0 {
			more = fmt.Sprintf(", and %d more; %s config check shows all", n, program)
		}
		return nil, fmt.Errorf("%s: %w%s", path, mistakes[0], more)
	}
	for i := range entries {
		entries[i].Where = path + ", " + entries[i].Where
	}
	return entries, nil
}

func readOverlayFile(path string) ([]byte, error) {
	// Opening a pipe would block until it has a writer.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	return readStart(path, custom.MaxOverlayBytes+1)
}

// userFile is the path of a file of this program in one of the user's folders: the
// variable's or the one below the home folder that the system has for it. It is "" if
// the environment names none, or a relative one, which would be another for each folder
// that the program starts in.
func (sys *system) userFile(file, windows, mac, variable, other string) string {
	folder, home := sys.getenv(variable), sys.getenv("HOME")
	switch {
	case runtime.GOOS == "windows":
		folder = sys.getenv(windows)
	case runtime.GOOS == "darwin" && home != "":
		folder = filepath.Join(home, filepath.FromSlash(mac))
	case !filepath.IsAbs(folder) && home != "":
		folder = filepath.Join(home, filepath.FromSlash(other))
	}
	if !filepath.IsAbs(folder) {
		return ""
	}
	return filepath.Join(folder, program, file)
}

// customTools makes the tools that the settings name. It starts to fetch their
// definitions, and waits for that at most once, for timeout: see startFetchTimeout.
func (f *accountFlags) customTools(ctx context.Context, sys *system, a *account, timeout time.Duration) (*customTools, error) {
	stamp := stampOf(f.Custom.path(sys))
	entries, path, err := f.Custom.entries(sys)
	if err != nil {
		return nil, err
	}
	c := &customTools{overlay: path, stamp: stamp, entries: entries}
	if len(entries) == 0 && path == "" {
		return c, nil
	}
	if err := c.connect(ctx, sys, a, f.APIURL); err != nil {
		return nil, err
	}
	fetched := c.startFetch(ctx, sys)
	if c.needsFetch() {
		select {
		case <-fetched:
		case <-time.After(timeout):
		case <-ctx.Done():
		}
	}
	if c.tools, err = f.build(entries, c.cache.Definition); err != nil {
		c.close()
		return nil, err
	}
	c.warn(ctx, sys)
	return c, nil
}

// build makes the tools of entries with these settings.
func (f *accountFlags) build(entries []custom.Entry, known func(custom.Target) (custom.Definition, bool)) ([]*custom.Tool, error) {
	return custom.Build(entries, known, tools.Names(), f.toolsConfig().UnreadKinds()...)
}

// connect opens the cache, and a client with the operator's key: over HTTP callers
// have their own, and what one may see is not for all.
func (c *customTools) connect(ctx context.Context, sys *system, a *account, apiURL string) error {
	var err error
	if c.cache, err = custom.OpenCache(a.cachePath(sys, apiURL)); err != nil {
		sys.logger.WarnContext(ctx, "the cache of definitions cannot be read, so it begins anew", "error", err)
	}
	if a.key == "" {
		return nil
	}
	c.client, err = a.connect(staticKey(a.key))
	return err
}

// cachePath is the cache for the operator's key, "" if there is none.
func (a *account) cachePath(sys *system, apiURL string) string {
	folder := sys.userFile("", "LOCALAPPDATA", "Library/Caches", "XDG_CACHE_HOME", ".cache")
	if folder == "" || a.key == "" || a.simulated {
		return ""
	}
	return custom.CachePath(folder, apiURL, a.key)
}

// startFetch fetches definitions in the background, and closes the channel when done.
func (c *customTools) startFetch(ctx context.Context, sys *system) <-chan struct{} {
	ctx, cancel := context.WithCancel(ctx)
	c.cancels = append(c.cancels, cancel)
	done := make(chan struct{})
	c.work.Go(func() { // ends with its requests, 3 s each
		defer close(done)
		if c.client != nil && len(c.entries) > 0 {
			c.fetch(ctx, sys, c.entries)
		}
	})
	return done
}

// fetch fetches the definitions that the cache lacks or has had for long.
func (c *customTools) fetch(ctx context.Context, sys *system, entries []custom.Entry) {
	if missed := c.cache.Refresh(ctx, c.client, custom.Targets(entries)); missed > 0 {
		sys.logger.WarnContext(ctx, "definitions of exposed workflows or templates could not be read", "missed", missed)
	}
	if err := c.cache.Save(); err != nil {
		sys.logger.WarnContext(ctx, "the cache of definitions cannot be written", "error", err)
	}
}

// needsFetch reports whether a target's definition was never tried.
func (c *customTools) needsFetch() bool {
	return slices.ContainsFunc(c.entries, func(entry custom.Entry) bool { return !c.cache.Tried(entry.Target) })
}

func (c *customTools) warn(ctx context.Context, sys *system) {
	const maxNamed = 5
	var unknown []string
	for _, tool := range c.tools {
		if !tool.Known {
			unknown = append(unknown, tool.Name+" ("+tool.Target.String()+")")
		}
	}
	if len(unknown) > 0 {
		sys.logger.WarnContext(ctx, "definitions of exposed tools are not known yet, so those take what the overlay says, and any inputs",
			"count", len(unknown), "tools", strings.Join(unknown[:min(len(unknown), maxNamed)], ", "))
	}
}
