package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

func (c *checker) downloads(context.Context) []result {
	folder := c.flags.Policy.downloads()
	if folder == nil {
		return nil
	}
	if err := folder.Check(); err != nil {
		return failed("saving", err.Error(), "Check the folder of --download-dir and its rights, or choose another: until then save_task_output fails.")
	}
	return ok("saving", "into "+c.flags.Policy.DownloadDir)
}

// ledger tests the ledger as a start would use it, and counts its runs.
func (c *checker) ledger(ctx context.Context) []result {
	fail := func(err error) []result {
		return failed("ledger", err.Error(), "Check the file and its folder, or choose another with --ledger. Until then runs are remembered only as long as the server runs.")
	}
	policy, simulated := c.flags.Policy, c.flags.Simulator
	runs, err := policy.ledger(c.sys, simulated)
	switch {
	case err != nil:
		return fail(err)
	case runs == nil:
		return warn("ledger", "off: runs are remembered until the server stops, without idempotency keys, batches and budgets", "Leave --ledger=off out.")
	}
	defer runs.Close()
	path := policy.ledgerPath(c.sys, simulated)
	switch {
	case policy.lacksFolder(c.sys, simulated):
		return warn("ledger", "memory, as no folder for its file is known: runs are forgotten when the server ends", "Set HOME, or give --ledger=PATH.")
	case path == inMemory:
		return ok("ledger", "memory: runs are remembered as long as the server runs")
	}
	counts, unclear, err := countRuns(ctx, runs)
	if err != nil {
		return fail(err)
	}
	mode, private := modeOf(path)
	found := string(path) + mode + counts
	switch {
	case !private:
		return warn("ledger", found, "Others can read when and what was run: chmod 600 "+string(path))
	case unclear > 0:
		return warn("ledger", found, "It is unknown whether those starts made a run: ask your agent for list_tasks with mine, before it runs them again.")
	}
	return ok("ledger", found)
}

// countRuns tests the ledger and counts the runs of all callers: those that became a
// task or may have, those that have not ended, and those of which neither is known.
func countRuns(ctx context.Context, runs *ledger.Ledger) (counts string, unclear int, err error) {
	if err := runs.Check(ctx); err != nil {
		return "", 0, err
	}
	page, pageErr := runs.List(ctx, "", ledger.Filter{}, 1, 1)
	inFlight, inFlightErr := runs.InFlight(ctx, "")
	unsettled, err := runs.Unsettled(ctx, "")
	if err := cmp.Or(pageErr, inFlightErr, err); err != nil {
		return "", 0, err
	}
	for _, run := range unsettled {
		if !run.Leased {
			unclear++
		}
	}
	return fmt.Sprintf("; runs known: %d, open: %d, unclear: %d", page.Total, len(inFlight), unclear), unclear, nil
}

// modeOf reports who may read a file, where the system has modes.
func modeOf(path ledgerPath) (mode string, private bool) {
	info, err := os.Stat(string(path))
	if err != nil || runtime.GOOS == "windows" {
		return "", true
	}
	return fmt.Sprintf(" (mode %04o)", info.Mode().Perm()), info.Mode().Perm()&0o077 == 0
}

// budgets shows which budgets are in force, and how much of them is used.
func (c *checker) budgets(ctx context.Context) []result {
	f := c.flags.Policy
	used := c.used(ctx)
	var set []string
	for _, budget := range []struct {
		limit int64
		of    string
		used  int64
	}{
		{f.MaxCreditsPerDay, "credits a day", used.Credits + used.Reserved},
		{int64(f.MaxRunsPerDay), "runs a day", int64(used.Runs)},
		{int64(f.MaxActiveRuns), "runs at a time", int64(used.Active)},
		{f.MaxCreditsPerRun, "credits a run", 0},
		{int64(len(f.AllowWorkflows)), "allowed workflows", 0},
		{int64(len(f.AllowTemplates)), "allowed templates", 0},
	} {
		switch {
		case budget.limit > 0 && budget.used > 0:
			set = append(set, fmt.Sprintf("%d %s, %d of them used", budget.limit, budget.of, budget.used))
		case budget.limit > 0:
			set = append(set, fmt.Sprintf("%d %s", budget.limit, budget.of))
		}
	}
	if len(set) == 0 {
		return ok("budgets", "none")
	}
	return ok("budgets", strings.Join(set, ", ")+" ("+f.BudgetMode+")")
}

// used is what the key's runs of a day have come to, zero if the ledger does not say:
// the check of the ledger reports why.
func (c *checker) used(ctx context.Context) ledger.Spending {
	runs, err := c.flags.Policy.ledger(c.sys, c.flags.Simulator)
	if err != nil || runs == nil {
		return ledger.Spending{}
	}
	defer runs.Close()
	used, _ := runs.Spent(ctx, ledger.HashCaller(c.account.key), time.Now().Add(-ledger.Day))
	return used
}

func (c *checker) limits(context.Context) []result {
	f := c.flags.Policy
	timeout := fmt.Sprintf("the client gives a call %s", f.ClientTimeout)
	if f.ClientTimeout == 0 {
		var known []string
		for _, client := range call.KnownClients() {
			known = append(known, fmt.Sprintf("%s %s", client.Name, client.Timeout))
		}
		timeout = fmt.Sprintf("the client's timeout is unknown: calls answer within %.0f s, and within %.0f s unless asked to wait longer"+
			" (over stdio known by name, in the older era: %s)", answerTime(maxWait).Seconds(), answerTime(defaultWait).Seconds(), strings.Join(known, ", "))
	}
	return ok("limits", fmt.Sprintf("%s; a page of an output has at most %d tokens", timeout, f.MaxResultTokens))
}
