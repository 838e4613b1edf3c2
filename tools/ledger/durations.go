package ledger

import (
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

// What runs and starts may take. Durations that must fit another are computed from it.
const (
	// Day is what daily budgets look back on: always the last 24 hours.
	Day = 24 * time.Hour
	// MaxRun is how long a run lasts at most.
	MaxRun = 7 * time.Hour
	// MaxPreparation is how long a start may take from Begin until it is sent.
	MaxPreparation = 5 * time.Second
	// startLease is how long a start is in progress at most.
	startLease = MaxPreparation + browseract.StartTimeout
	// RowLease is how long a claimed row belongs to its claimer before Begin. Until
	// then the claimer may have to wait for an identical start.
	RowLease = 3 * startLease
	// leaseSlack is how far the clock may be set back without ending a lease.
	leaseSlack = 5 * time.Second
)

// How long what has ended counts.
const (
	// reportedFor is how long a run counts after its end although the end was reported:
	// the client may have given up without a sign, and not have got the answer.
	reportedFor = 2 * time.Minute
	// UnreportedFor is how long a run counts after its end if the end was not reported,
	// or if the start was repeated while the run lasted, as a client does that gets no
	// answer.
	UnreportedFor = 10 * time.Minute
	// clockTolerance is how far two clocks may differ that agree.
	clockTolerance = time.Minute
	// keyLife is how long an idempotency key answers with its run.
	keyLife = Day
	// retention is how long runs that are over and batches are kept.
	retention = 90 * Day
	// fallbackRetention is the same for the memory beside a file: while a key answers.
	fallbackRetention = keyLife + time.Hour
	// queueRetention is how long rows stay queued that are not claimed.
	queueRetention = 7 * Day
	// pruneInterval is how often old runs are deleted.
	pruneInterval = Day
	// gapLife is how long a gap matters: no run that it lacks lasts longer.
	gapLife = MaxRun
)

// How long the ledger waits.
const (
	// MinAbsence is how long after the first search that found no task of a start the
	// last one must be to prove that there is none: a list may show a task minutes late.
	MinAbsence = 2 * time.Minute
	// busyTimeout is how long a transaction waits for others, of a millisecond each.
	busyTimeout = 5 * time.Second
	// retryAfter is how long a file that failed is left alone.
	retryAfter = busyTimeout
	// softTimeout bounds what can be done later as well.
	softTimeout = time.Second
	// minPoll and maxPoll bound the pause between two looks of Await.
	minPoll, maxPoll = 50 * time.Millisecond, time.Second
)
