package cli

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// downloads tries the folder for downloads, if there is one.
func (x *examination) downloads(context.Context) []finding {
	folder := x.flags.Policy.downloads()
	if folder == nil {
		return nil
	}
	if err := folder.Check(); err != nil {
		return failed("saving", err.Error(), "Check the folder of --download-dir and its rights, or choose another: until then save_task_output fails.")
	}
	return ok("saving", "into "+x.flags.Policy.DownloadDir)
}

// ledger tries the ledger, as a start would, and tells what it knows.
func (x *examination) ledger(ctx context.Context) []finding {
	const todo = "Check the file and its folder, or choose another with --ledger. Until then runs are remembered only as long as the server runs."
	simulated := x.flags.Simulator
	runs, err := x.flags.Policy.ledger(x.sys, simulated)
	switch {
	case err != nil:
		return failed("ledger", err.Error(), todo)
	case runs == nil:
		return warn("ledger", "off: runs are remembered until the server stops, without idempotency keys, batches and budgets", "Leave --ledger=off out.")
	}
	defer runs.Close()
	place := x.flags.Policy.ledgerPath(x.sys, simulated)
	switch {
	case x.flags.Policy.forgetful(x.sys, simulated):
		return warn("ledger", "memory, as no folder for its file is known: runs are forgotten when the server ends", "Set HOME, or give --ledger=PATH.")
	case place == inMemory:
		return ok("ledger", "memory: runs are remembered as long as the server runs")
	}
	if err := runs.Check(ctx); err != nil {
		return failed("ledger", err.Error(), todo)
	}
	known, open, unclear, err := count(ctx, runs)
	if err != nil {
		return failed("ledger", err.Error(), todo)
	}
	mode, private := modeOf(place)
	found := fmt.Sprintf("%s%s; runs known: %d, open: %d, unclear: %d", place, mode, known, open, unclear)
	switch {
	case !private:
		return warn("ledger", found, "Others can read when and what was run: chmod 600 "+string(place))
	case unclear > 0:
		return warn("ledger", found, "Nobody knows what those starts came to: ask your agent for list_tasks with mine, before it runs them again.")
	}
	return ok("ledger", found)
}

// count counts everybody's runs: those that became a task or may have, those that
// have not ended, and those of which nobody knows.
func count(ctx context.Context, runs *ledger.Ledger) (known, open, unclear int, err error) {
	page, err := runs.List(ctx, "", ledger.Filter{}, 1, 1)
	if err != nil {
		return 0, 0, 0, err
	}
	inFlight, err := runs.InFlight(ctx, "")
	if err != nil {
		return 0, 0, 0, err
	}
	unsettled, err := runs.Unsettled(ctx, "")
	for _, run := range unsettled {
		if !run.Leased {
			unclear++
		}
	}
	return page.Total, len(inFlight), unclear, err
}

// modeOf tells who may read a file, where the system has modes.
func modeOf(place ledgerPlace) (mode string, private bool) {
	info, err := os.Stat(string(place))
	if err != nil || runtime.GOOS == "windows" {
		return "", true
	}
	return fmt.Sprintf(" (mode %04o)", info.Mode().Perm()), info.Mode().Perm()&0o077 == 0
}

// budgets tells which are in force, and what has been spent of them.
func (x *examination) budgets(ctx context.Context) []finding {
	f := x.flags.Policy
	spent := x.spent(ctx)
	var set []string
	for _, limit := range []struct {
		value int64
		what  string
		used  int64
	}{
		{f.MaxCreditsPerDay, "credits a day", spent.Credits + spent.Reserved},
		{int64(f.MaxRunsPerDay), "runs a day", int64(spent.Runs)},
		{int64(f.MaxActiveRuns), "runs at a time", int64(spent.Active)},
		{f.MaxCreditsPerRun, "credits a run", -1},
		{int64(len(f.AllowWorkflows)), "allowed workflows", -1},
		{int64(len(f.AllowTemplates)), "allowed templates", -1},
	} {
		switch {
		case limit.value > 0 && limit.used > 0:
			set = append(set, fmt.Sprintf("%d %s, %d of them used", limit.value, limit.what, limit.used))
		case limit.value > 0:
			set = append(set, fmt.Sprintf("%d %s", limit.value, limit.what))
		}
	}
	if len(set) == 0 {
		return ok("budgets", "none")
	}
	return ok("budgets", strings.Join(set, ", ")+" ("+f.BudgetMode+")")
}

// spent is what the key's runs of a day have come to, as far as is known.
func (x *examination) spent(ctx context.Context) ledger.Spending {
	runs, err := x.flags.Policy.ledger(x.sys, x.flags.Simulator)
	if err != nil || runs == nil {
		return ledger.Spending{}
	}
	defer runs.Close()
	spent, _ := runs.Spent(ctx, ledger.HashCaller(x.account.key), time.Now().Add(-ledger.Day)) // what is wrong with it, ledger says
	return spent
}

// limits tells which limits of the client are in force.
func (x *examination) limits(context.Context) []finding {
	f := x.flags.Policy
	page := fmt.Sprintf("; a page of an output has at most %d tokens", f.MaxResultTokens)
	if f.ClientTimeout > 0 {
		return ok("limits", fmt.Sprintf("the client gives a call %s", f.ClientTimeout)+page)
	}
	var known []string
	for _, client := range call.KnownClients() {
		known = append(known, fmt.Sprintf("%s %s", client.Name, client.Timeout))
	}
	return ok("limits", "nobody says how long the client waits: calls answer within 53 s, and within 28 s unless asked to wait longer"+
		" (over stdio known by name, in the older era: "+strings.Join(known, ", ")+")"+page)
}
