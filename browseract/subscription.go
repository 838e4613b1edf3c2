package browseract

import "time"

// An entry is a task that has subscriptions, or had some within forgetAfter. All but
// its id is guarded by [watchers.mu].
type entry struct {
	id              string
	since           time.Time // from which its age counts
	next            time.Time // when to poll next
	left            time.Time // when the last subscription ended
	polling         bool      // a poll is in flight
	byList          bool      // that poll reads the lists
	urgent          bool      // a caller needs it read at once
	listed          bool      // the lists show it, however young it is
	fetchedLiveView bool      // it was read in full while it ran
	last            *Observation
	subscriptions   map[*subscription]bool
}

// A subscription is one caller's interest in an entry.
type subscription struct {
	watcher *watcher
	entry   *entry
	detail  bool
	updates chan update // of capacity 1: the latest only
}

// An update is the result of a poll, or its error: then seen has its time only.
type update struct {
	seen   Observation
	err    error
	listed bool // from the lists
}

// ended reports whether the task is known to have ended.
func (e *entry) ended() bool { return e.last != nil && e.last.Task.Status.Ended() }

// idle ends the poll in flight.
func (e *entry) idle() { e.polling, e.byList = false, false }

// remember stores an observation for later callers. Of an ended task it stores the
// summary: the output may be large, and can be read again.
func (e *entry) remember(seen Observation) {
	e.fetchedLiveView = e.fetchedLiveView || seen.Detail && seen.Task.Status == TaskRunning
	if seen.Task.Status.Ended() {
		seen = Observation{Task: Task{TaskSummary: seen.Task.TaskSummary}, At: seen.At}
	}
	e.last = &seen
}

// send delivers an update in place of one that was not received yet.
func (s *subscription) send(u update) {
	s.pending()
	s.updates <- u
}

// pending returns the update that was not received yet, if there is one.
func (s *subscription) pending() (u update, ok bool) {
	select {
	case u = <-s.updates:
		return u, true
	default:
		return u, false
	}
}

func (s *subscription) leave() {
	all := s.watcher.all
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(s.entry.subscriptions, s)
	s.entry.left = time.Now()
	s.watcher.wakeUp()
}
