package ledger

import "time"

// A Kind says what a run is a run of.
type Kind string

// The kinds of runs.
const (
	Workflow Kind = "workflow"
	Template Kind = "template"
)

// A State says what is known of a start.
type State string

// The states of a start.
const (
	// Intended is a start that may be in progress, or that a crash cut short.
	Intended State = "intended"
	// Started is a start that became a task.
	Started State = "started"
	// Unknown is a start that may have become a task.
	Unknown State = "unknown"
	// Refused is a start that did not happen. It does not count any more.
	Refused State = "refused"
	// Lost is a start whose task was not found. It does not count any more.
	Lost State = "lost"
)

// A Run is what the ledger knows of one start and of the task that it became.
type Run struct {
	ID          int64  // the same wherever the run is kept; later runs have larger ones
	Caller      string // see [HashCaller]
	Kind        Kind
	TargetID    string // the workflow's or the template's id
	Fingerprint string
	InputShapes []string // see [Start]
	// AllowDuplicate says that it was started although an identical run was known.
	AllowDuplicate bool

	State State
	// Leased says that a caller is working on it right now: starting it, or searching
	// for it.
	Leased bool
	TaskID string // "" unless Started
	// Matched says that the task was found by a search, see [Settlement].
	Matched bool

	Status  string // as last seen; "" before the first look
	Credits *int64 // nil while the API has reported none
	Reserve int64  // the credits it reserves, see [Start]

	SentAt     time.Time // by the API's clock as far as known
	BegunAt    time.Time // by this machine's clock
	EndedAt    time.Time // by the API's clock; zero while it is not known to have ended
	ReportedAt time.Time // when its end was reported, see MarkReported; zero before
	// RepeatedAt is when the same start was first requested again while the run was not
	// known to have ended, by this machine's clock; zero for never.
	RepeatedAt time.Time

	// Absence is what the searches for its task have shown, while it is unsettled.
	Absence Absence

	BatchID string // "" for a run by itself
	Row     int    // of the batch, from 1; 0 for a run by itself

	leaseUntil time.Time // zero for none
	localEnd   time.Time // EndedAt by this machine's clock
}

// Ended reports whether the run is known to have ended.
func (r Run) Ended() bool { return !r.EndedAt.IsZero() }

// Counts reports whether r answers an identical start that is requested at now, by
// this machine's clock, and at apiNow, by the API's.
func (r Run) Counts(now, apiNow time.Time) bool {
	ago, known := r.endedAgo(now, apiNow)
	repeated := !r.RepeatedAt.IsZero() && r.RepeatedAt.Before(r.localEnd)
	switch {
	case !r.Ended():
		return true
	case !known:
		return false
	case r.ReportedAt.IsZero() || repeated:
		return ago < UnreportedFor
	}
	return ago < reportedFor
}

// endedAgo returns how long ago r ended, by the clock that makes it the shorter time.
// It is not known if by each clock the end is still to come.
func (r Run) endedAgo(now, apiNow time.Time) (ago time.Duration, known bool) {
	for _, elapsed := range []time.Duration{now.Sub(r.localEnd), apiNow.Sub(r.EndedAt)} {
		if elapsed > -clockTolerance && (!known || elapsed < ago) {
			ago, known = max(0, elapsed), true
		}
	}
	return ago, known
}

// at returns r with Leased as it is now.
func (r Run) at(now time.Time) Run {
	r.Leased = r.unsettled() && leaseValid(r.leaseUntil, now, startLease)
	return r
}

// leaseValid reports whether a lease is in force that lasts for at most life. One
// that ends later than it can was given by a clock that has been set back since.
func leaseValid(until, now time.Time, life time.Duration) bool {
	left := until.Sub(now)
	return left > 0 && left <= life+leaseSlack
}

// unsettled reports whether the outcome of the start is not known.
func (r Run) unsettled() bool { return r.State == Intended || r.State == Unknown }

// live reports whether it has a task, or may have one.
func (r Run) live() bool { return r.State == Started || r.unsettled() }

// inFlight reports whether it may be running now. No run lasts a day: a start that
// stayed unknown for one does not count.
func (r Run) inFlight(now time.Time) bool {
	return r.live() && !r.Ended() && (r.State == Started || !r.BegunAt.Before(dayBefore(now)))
}

// cost is what the run counts for: its credits at its end, before at least its reserve.
func (r Run) cost() int64 {
	switch {
	case r.Credits == nil:
		return r.Reserve
	case r.Ended():
		return *r.Credits
	default:
		return max(r.Reserve, *r.Credits)
	}
}

// maxCredits bounds what a run can count for, so that sums stay in range.
const maxCredits = 1e12

func clampCredits(credits int64) int64 { return min(max(credits, 0), maxCredits) }

// stamp returns t as the ledger keeps it: in milliseconds, UTC.
func stamp(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Truncate(time.Millisecond).UTC()
}
