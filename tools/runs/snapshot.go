package runs

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

// A Snapshot is what is known of a task.
type Snapshot struct {
	Task browseract.Task
	// TemplateID is of which template it is a run; "": of a workflow, or it is not known.
	TemplateID string
	// Began is when the task was started, by this machine's clock; zero: as the API says.
	Began time.Time
	// Detail says that Task was read with get-task, and not its status only.
	Detail bool
	// At is when Task was as it is here; zero: at Began.
	At time.Time
	// LastLiveURL is the address of its live view when that was last seen.
	LastLiveURL string
	// Kind and Target are what it is a run of, where that was looked up; "" is not known.
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

	maxCredits int64 // that the run may cost; 0: not looked up yet, less: any
	overspent  bool  // its cost has been dealt with
}

// ID is the task's id.
func (s *Snapshot) ID() string { return string(s.Task.ID) }

// Ended reports whether the task has ended.
func (s *Snapshot) Ended() bool { return s.Task.Status.Ended() }

// LiveURL is the address where a person can act in the task's browser, "" if it is not
// known. It is a way in: it goes into answers and questions only.
func (s *Snapshot) LiveURL() string { return cmp.Or(s.Task.LiveURL(), s.LastLiveURL) }

// Warn adds a warning that it does not have yet.
func (s *Snapshot) Warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.Warnings, text) {
		s.Warnings = append(s.Warnings, text)
	}
}

// Elapsed is how long the task took, or has taken so far; 0: it is not known.
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

// KeepFrom keeps of an earlier read what a later one does not say any more. What a run
// has cost never shrinks.
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
