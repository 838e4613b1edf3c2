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

// lookEvery is how often the overlay is looked at for changes. One is taken over when
// two looks see the same: an editor may just be writing.
const lookEvery = time.Second

// A reloader takes over an overlay that changes while the server runs.
type reloader struct {
	*exposure
	sys   *system
	flags *accountFlags
	offer *tools.Registration
	mcp   *mcpserver.MCPServer
}

// reloadable reports whether there is an overlay whose change changes the tools.
func (e *exposure) reloadable(policy policyFlags) bool { return e.overlay != "" && !policy.ReadOnly }

// watch reloads the overlay when its file changes, and when the program is asked to
// hang up. Close ends it and waits for it.
func (e *exposure) watch(ctx context.Context, sys *system, flags *accountFlags, offer *tools.Registration, mcp *mcpserver.MCPServer) {
	r := &reloader{e, sys, flags, offer, mcp}
	asked := make(chan struct{}, 1)
	if sys.program.OnHangup != nil {
		sys.program.OnHangup(func() {
			select {
			case asked <- struct{}{}:
			default: // it is asked for already
			}
		})
	}
	ctx, stop := context.WithCancel(ctx)
	e.stops = append(e.stops, stop)
	e.work.Go(func() { r.run(ctx, asked) })
}

func (r *reloader) run(ctx context.Context, asked <-chan struct{}) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for taken, last := r.seen, r.seen; ; {
		select {
		case <-ctx.Done():
			return
		case <-asked:
			last = stampOf(r.overlay)
		case <-ticker.C:
			now := stampOf(r.overlay)
			settled := now == last
			if last = now; !settled || now == "" || now == taken {
				continue
			}
		}
		taken = last
		r.reload(ctx)
	}
}

// stampOf changes whenever a file does, whether it is written or exchanged; "" where
// there is none, as there is for a moment while an editor saves.
func stampOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.ModTime().UnixNano(), info.Size())
}

// reload takes over the overlay as it is now. One that is broken changes nothing.
func (r *reloader) reload(ctx context.Context) {
	made, err := r.made(ctx)
	if err == nil {
		err = server.SetTools(r.mcp, made)
	}
	if err != nil {
		r.sys.logger.WarnContext(ctx, "the overlay cannot be taken over, so the tools stay as they are", "reason", err)
		return
	}
	r.sys.logger.InfoContext(ctx, "the overlay was taken over", "exposed", len(r.tools))
	r.warn(ctx, r.sys)
}

// made are all tools as the overlay has them now. Definitions that are not known yet
// are read first: nobody waits for this.
func (r *reloader) made(ctx context.Context) ([]mcpserver.ServerTool, error) {
	entries, _, err := r.flags.Exposed.entries(r.sys)
	if err != nil {
		return nil, err
	}
	if r.client != nil {
		r.read(ctx, r.sys, entries)
	}
	built, err := r.flags.build(entries, r.cache.Definition)
	if err != nil {
		return nil, err
	}
	all, err := r.offer.SetCustom(built)
	if err == nil {
		r.tools = built
	}
	return all, err
}
