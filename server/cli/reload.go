package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"github.com/browseract/browseract-mcp/server"
	"github.com/browseract/browseract-mcp/tools"
)

type reloader struct {
	*customTools
	sys          *system
	flags        *accountFlags
	registration *tools.Registration
	mcp          *mcpserver.MCPServer
}

// canReload reports whether a change of the overlay changes the tools.
func (c *customTools) canReload(policy policyFlags) bool { return c.overlay != "" && !policy.ReadOnly }

// watch reloads the overlay when its file changes, and when the program is asked to
// hang up. close ends it and waits for it.
func (c *customTools) watch(ctx context.Context, sys *system, flags *accountFlags, registration *tools.Registration, mcp *mcpserver.MCPServer) {
	r := &reloader{c, sys, flags, registration, mcp}
	hangups := make(chan struct{}, 1)
	if sys.program.OnHangup != nil {
		sys.program.OnHangup(func() {
			select {
			case hangups <- struct{}{}:
			default: // one is pending
			}
		})
	}
	ctx, cancel := context.WithCancel(ctx)
	c.cancels = append(c.cancels, cancel)
	c.work.Go(func() { r.run(ctx, hangups) })
}

func (r *reloader) run(ctx context.Context, hangups <-chan struct{}) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for loaded, last := r.stamp, r.stamp; ; {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			last = stampOf(r.overlay)
		case <-ticker.C:
			now := stampOf(r.overlay)
			settled := now == last
			if last = now; !settled || now == "" || now == loaded {
				continue
			}
		}
		loaded = last
		r.reload(ctx)
	}
}

// stampOf changes when a file is written or replaced. It is "" without a file, as
// for a moment while an editor saves.
func stampOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.ModTime().UnixNano(), info.Size())
}

// reload loads the overlay. An invalid one changes nothing.
func (r *reloader) reload(ctx context.Context) {
	all, err := r.load(ctx)
	if err == nil {
		err = server.SetTools(r.mcp, all)
	}
	if err != nil {
		r.sys.logger.WarnContext(ctx, "the overlay cannot be loaded, so the tools stay as they are", "reason", err)
		return
	}
	r.sys.logger.InfoContext(ctx, "the overlay was loaded", "exposed", len(r.tools))
	r.warn(ctx, r.sys)
}

// load returns all tools with the overlay as it is now. It fetches definitions first,
// since no call waits for it.
func (r *reloader) load(ctx context.Context) ([]mcpserver.ServerTool, error) {
	entries, _, err := r.flags.Custom.entries(r.sys)
	if err != nil {
		return nil, err
	}
	if r.client != nil {
		r.fetch(ctx, r.sys, entries)
	}
	built, err := r.flags.build(entries, r.cache.Definition)
	if err != nil {
		return nil, err
	}
	all, err := r.registration.SetCustom(built)
	if err == nil {
		r.tools = built
	}
	return all, err
}
