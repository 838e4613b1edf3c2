package cli

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/custom"
)

const (
	// customCheck names the check of the user's own tools.
	customCheck = "exposed"
	// maxCustomResults is how many results of tools the report has.
	maxCustomResults = 20
	// maxFetches is how many definitions are fetched at once.
	maxFetches = 8
)

// customTools compares the user's own tools with what BrowserAct says of their
// workflows and templates now.
func (c *checker) customTools(ctx context.Context) []result {
	entries, path, err := c.flags.Custom.entries(c.sys)
	if err != nil {
		return failed(customCheck, err.Error(), "Correct it: until then no server starts with it. "+program+" config check shows all mistakes.")
	}
	built, mistakes := c.flags.check(c.sys, entries)
	count := plural(len(built), "tool")
	switch {
	case len(mistakes) > 0:
		return failed(customCheck, mistakes[0].Error(), "Correct it: until then no server starts with it.")
	case len(built) == 0:
		return nil
	case c.account.key == "":
		return ok(customCheck, count+"; comparing them with their workflows needs a key")
	}
	found := c.changes(ctx, built)
	if more := len(found) - maxCustomResults; more > 0 {
		return append(found[:maxCustomResults], warn(customCheck, fmt.Sprintf("and %d more like these", more), "Begin with those above.")...)
	}
	if len(found) > 0 {
		return found
	}
	source := "by flags"
	if path != "" {
		source = "by " + path
	}
	return ok(customCheck, count+", "+source+", as their workflows and templates are now")
}

// changes are the results about each tool, in their order.
func (c *checker) changes(ctx context.Context, built []*custom.Tool) []result {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	client, err := c.account.connect(staticKey(c.account.key))
	if err != nil {
		return failed(customCheck, err.Error(), checkAddress)
	}
	results := make([][]result, len(built))
	var group errgroup.Group
	group.SetLimit(maxFetches)
	for i, tool := range built {
		group.Go(func() error {
			results[i] = changesOf(ctx, client, tool)
			return nil
		})
	}
	_ = group.Wait()
	return slices.Concat(results...)
}

func changesOf(ctx context.Context, client *browseract.Client, tool *custom.Tool) []result {
	name := fmt.Sprintf("%s (%s, %s)", tool.Name, tool.Target, tool.Where)
	def, err := custom.Fetch(ctx, client, tool.Target)
	if err != nil {
		return failed(customCheck, name+": "+err.Error(), "Check the id, and that this key may read it.")
	}
	var found []result
	for _, change := range tool.Changes(def) {
		found = append(found, warn(customCheck, name+": "+change.Message, "Update the overlay; calls report the same to the model.")...)
	}
	return found
}
