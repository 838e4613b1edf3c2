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
	// Intended is a start that may be on its way now, or that a crash cut short.
	Intended State = "intended"
	// Started is a start that became a task.
	Started State = "started"
	// Unknown is a start of which nobody can say whether it became a task.
	Unknown State = "unknown"
	// Refused is a start that did not happen. It does not count any more.
	Refused State = "refused"
	// Lost is a start of which no trace was found. It does not count any more.
	Lost State = "lost"
)

// A Run is what the ledger knows of one start and of the task that it became.
type Run struct {
	ID          int64
	Caller      string // see [HashCaller]
	Kind        Kind
	TargetID    string // the workflow's or the template's id
	Fingerprint string
	InputShapes []string // see [Start]
	// AllowDuplicate says that it was started although an identical run was known.
	AllowDuplicate bool

	State State
	// Leased says that somebody is at it right now: starting it, or looking for it.
	Leased bool
	TaskID string // "" unless Started
	// Matched says that the task was found by its looks and not told by the answer
	// to the start, see [Settlement].
	Matched bool

	Status  string // as last seen; "" before the first look
	Credits *int64 // nil while the API has told none
	Reserve int64  // the credits it reserves, see [Start]

	SentAt     time.Time // by the API's clock as far as known
	BegunAt    time.Time // by this machine's clock
	EndedAt    time.Time // by the API's clock; zero while it is not known to have ended
	ReportedAt time.Time // when an answer told a caller of the end; zero while none has
	// RepeatedAt is when the same start was first asked for again while the run was not
	// known to have ended, by this machine's clock; zero for never.
	RepeatedAt time.Time

	// Absence is what has come of looking for its task, while it is unsettled.
	Absence Absence

	BatchID string // "" for a run by itself
	Row     int    // of the batch, from 1; 0 for a run by itself

	leaseUntil time.Time // zero for none
	endedHere  time.Time // EndedAt by this machine's clock
}

// Ended says whether the run is known to have ended.
func (r Run) Ended() bool { return !r.EndedAt.IsZero() }

// at returns r with Leased as it is now.
func (r Run) at(now time.Time) Run {
	r.Leased = r.unsettled() && holds(r.leaseUntil, now, leaseLife)
	return r
}

// holds says whether a lease is in force that lasts for life at most. One that ends
// later than it can was given by a clock that has been set back since.
func holds(until, now time.Time, life time.Duration) bool {
	left := until.Sub(now)
	return left > 0 && left <= life+leaseSlack
}

// leaseSlack is how far the clock may be set back without ending a lease.
const leaseSlack = 5 * time.Second

const (
	// minSearches and minAbsence prove that a start did not happen.
	minSearches = 3
	minAbsence  = 2 * time.Minute
	// retryAfter is how long a file that failed is left alone.
	retryAfter = 5 * time.Second
	// softTimeout bounds what can be made up for later.
	softTimeout = time.Second
)

// MaxRun is how long a run lasts at most.
const MaxRun = 7 * time.Hour

// UnreportedFor is for how long a run counts after its end if nothing shows that its
// caller has heard of it.
const UnreportedFor = 10 * time.Minute

const (
	// endedLife is for how long a run counts after its end: its caller may have given
	// up without a word, and not have heard of it.
	endedLife = 2 * time.Minute
	// unreportedLife is for how long it counts after its end if no answer has told of it,
	// or if its caller asked for it again while it ran, as who hears no answer does.
	unreportedLife = UnreportedFor
	// clocksAgree is how far two clocks may differ that agree.
	clocksAgree = time.Minute
)

// Counts says whether r answers an identical start that is asked for at now, by this
// machine's clock, and at apiNow, by the API's.
func (r Run) Counts(now, apiNow time.Time) bool {
	ago, known := r.endedAgo(now, apiNow)
	switch {
	case !r.Ended():
		return true
	case !known:
		return false
	case r.ReportedAt.IsZero() || r.RepeatedAt.Before(r.endedHere) && !r.RepeatedAt.IsZero():
		return ago < unreportedLife
	}
	return ago < endedLife
}

// endedAgo returns how long ago r ended, by the clock that makes it the shorter time.
// It is not known where each clock says that the end is still to come.
func (r Run) endedAgo(now, apiNow time.Time) (ago time.Duration, known bool) {
	for _, passed := range []time.Duration{now.Sub(r.endedHere), apiNow.Sub(r.EndedAt)} {
		if passed > -clocksAgree && (!known || passed < ago) {
			ago, known = max(0, passed), true
		}
	}
	return ago, known
}

// unsettled says whether nobody knows what the start came to.
func (r Run) unsettled() bool { return r.State == Intended || r.State == Unknown }

// live says whether there is a task of it, or may be one.
func (r Run) live() bool { return r.State == Started || r.unsettled() }

// inFlight says whether it may be running now, as far as is known. No run lasts a
// day: a start that stayed unknown for one is none any more.
func (r Run) inFlight(now time.Time) bool {
	return r.live() && !r.Ended() && (r.State == Started || !r.BegunAt.Before(dayUpTo(now)))
}

// cost is what the run counts for in a budget: its credits once it has ended, and
// before that at least what it reserved.
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

// isEnd says whether a task of this status has ended.
func isEnd(status string) bool {
	switch status {
	case "finished", "failed", "canceled":
		return true
	default:
		return false
	}
}

// mostCredits bounds what is believed of a run's credits, so that sums stay in range.
const mostCredits = 1e12

// plausible returns credits within what can be added up.
func plausible(credits int64) int64 { return min(max(credits, 0), mostCredits) }

// stamp returns t as a ledger keeps it: in milliseconds, UTC.
func stamp(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Truncate(time.Millisecond).UTC()
}
