package runs

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

// A Snapshot is what is known of a task: facts, not how an answer shows them.
type Snapshot struct {
	Task browseract.Task
	// TemplateID is the template that it is a run of; "": a workflow, or it is not known.
	TemplateID string
	// Began is when the task was started, by this machine's clock; the zero time: as the
	// API says.
	Began time.Time
	// Detail says that all of Task was read, and not its status only.
	Detail bool
	// At is when Task was read; the zero time: it is as it was at Began.
	At time.Time
	// LastLiveURL is the address of its live view as last seen; "": it was not seen.
	LastLiveURL string
	// Kind and Target are what it is a run of, after [Engine.Complete]; "" is not known.
	Kind   Kind
	Target string
	// Typical is what runs like this one take; the zero Typical is not known.
	Typical Typical
	// RunningMeanwhile are tasks that run while this one has long been queued.
	RunningMeanwhile []string
	// Deduplicated says that the run was asked for before.
	Deduplicated bool
	// Warnings are for the answer.
	Warnings []string

	maxCredits int64 // that the run may cost; 0: not known yet, less: any
	overspent  bool  // the run was stopped, or warned of, for its cost
}

// ID returns the task's id.
func (s *Snapshot) ID() string { return string(s.Task.ID) }

// Ended reports whether the task has ended.
func (s *Snapshot) Ended() bool { return s.Task.Status.Ended() }

// LiveURL returns the address where a person can act in the task's browser; "" if it is
// not known. It gives access: only answers and questions to the user may have it.
func (s *Snapshot) LiveURL() string { return cmp.Or(s.Task.LiveURL(), s.LastLiveURL) }

// warn adds a warning, as [fmt.Sprintf] formats it, that the snapshot does not have yet.
func (s *Snapshot) warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.Warnings, text) {
		s.Warnings = append(s.Warnings, text)
	}
}

// Elapsed returns how long the task took, or has taken so far; 0: it is not known.
func (s *Snapshot) Elapsed() time.Duration {
	created, finished := s.Task.CreatedAt.Time, s.Task.FinishedAt.Time
	if s.Ended() && finished.After(created) && !created.IsZero() {
		return finished.Sub(created)
	}
	if s.start().IsZero() {
		return 0
	}
	return max(0, time.Since(s.start()))
}

// start is when the task began; the zero time: it is not known.
func (s *Snapshot) start() time.Time {
	if s.Began.IsZero() {
		return s.Task.CreatedAt.Time
	}
	return s.Began
}

// KeepFrom keeps what an earlier read showed and a later one does not. What a run has cost
// never shrinks.
func (s *Snapshot) KeepFrom(before browseract.Task) {
	if len(s.Task.Steps) == 0 {
		s.Task.Steps = before.Steps
	}
	was, known := before.Credits()
	if is, ok := s.Task.Credits(); known && (!ok || was > is) {
		s.Task.Credit = before.Credit
	}
}

// update merges what was read of the task just now. A read of the status only leaves
// everything else as it was known, but no longer in detail. A task that has ended has
// ended, even if a late reply says otherwise.
func (s *Snapshot) update(o browseract.Observation) {
	if s.Ended() && !o.Task.Status.Ended() {
		return
	}
	s.At = o.At
	if o.Detail {
		s.Task, s.Detail = o.Task, true
		return
	}
	s.Detail = s.Detail && s.Task.Status == o.Task.Status && o.Task.Status != browseract.TaskRunning
	s.Task.Status = o.Task.Status
}

// observation is what has been seen of the task, nil for nothing. A run that was just
// started is as it was then.
func (s *Snapshot) observation() *browseract.Observation {
	at := s.At
	if at.IsZero() {
		at = s.Began
	}
	if at.IsZero() {
		return nil
	}
	return &browseract.Observation{Task: s.Task, Detail: s.Detail, At: at}
}
