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
	Assume  int64  // the credits it reserves, see [Start]

	SentAt  time.Time // by the API's clock as far as known
	BegunAt time.Time // by this machine's clock
	EndedAt time.Time // by the API's clock; zero while it is not known to have ended
	ToldAt  time.Time // when an answer told a caller of the end; zero while none has

	BatchID string // "" for a run by itself
	Row     int    // of the batch, from 1; 0 for a run by itself

	leaseUntil time.Time // zero for none
}

// Ended says whether the run is known to have ended.
func (r Run) Ended() bool { return !r.EndedAt.IsZero() }

// at returns r with Leased as it is now.
func (r Run) at(now time.Time) Run {
	r.Leased = r.unsettled() && r.leaseUntil.After(now)
	return r
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
		return r.Assume
	case r.Ended():
		return *r.Credits
	default:
		return max(r.Assume, *r.Credits)
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
