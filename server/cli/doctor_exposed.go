package cli

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/custom"
)

// mostExposedFindings is how many tools have lines of their own in the report.
const mostExposedFindings = 20

// exposed holds the tools that the user exposes against what BrowserAct says of their
// workflows and templates now.
func (x *examination) exposed(ctx context.Context) []finding {
	const check = "exposed"
	entries, path, err := x.flags.Exposed.entries(x.sys)
	if err != nil {
		return failed(check, err.Error(), "Correct it: until then no server starts with it. "+program+" config check tells all mistakes.")
	}
	built, problems := x.flags.judge(x.sys, entries)
	switch {
	case len(problems) > 0:
		return failed(check, problems[0].Error(), "Correct it: until then no server starts with it.")
	case len(built) == 0:
		return nil
	case x.account.key == "":
		return ok(check, counted(len(built), "tool")+", which only a key can hold against their workflows")
	}
	found := x.drifts(ctx, built)
	if len(found) > mostExposedFindings {
		more := len(found) - mostExposedFindings
		found = append(found[:mostExposedFindings], warn(check, fmt.Sprintf("and %d more like these", more), "Begin with those above.")...)
	}
	if len(found) == 0 {
		where := "by flags"
		if path != "" {
			where = "by " + path
		}
		return ok(check, counted(len(built), "tool")+", "+where+", as their workflows and templates are now")
	}
	return found
}

// drifts are the findings about each tool, in their order.
func (x *examination) drifts(ctx context.Context, built []*custom.Tool) []finding {
	const check = "exposed"
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	client, err := x.account.connect(own(x.account.key))
	if err != nil {
		return failed(check, err.Error(), checkAddress)
	}
	results := make([][]finding, len(built))
	var group errgroup.Group
	group.SetLimit(8)
	for i, tool := range built {
		group.Go(func() error {
			results[i] = driftsOf(ctx, client, tool)
			return nil
		})
	}
	_ = group.Wait()
	var all []finding
	for _, found := range results {
		all = append(all, found...)
	}
	return all
}

func driftsOf(ctx context.Context, client *browseract.Client, tool *custom.Tool) []finding {
	const check = "exposed"
	name := fmt.Sprintf("%s (%s, %s)", tool.Name, tool.Target, tool.Where)
	def, err := custom.Fetch(ctx, client, tool.Target)
	if err != nil {
		return failed(check, name+": "+redact(err.Error()), "Check the id, and that this key may read it.")
	}
	var found []finding
	for _, drift := range tool.Changes(def) {
		found = append(found, warn(check, name+": "+drift.Message, "Bring the overlay up to date; calls say the same to the model.")...)
	}
	return found
}
