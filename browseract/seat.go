package browseract

import "time"

// A watched is one task that somebody waits for, or did a moment ago. All but its id
// is guarded by [watchers.mu].
type watched struct {
	id      string
	since   time.Time
	next    time.Time // when to look next
	busy    bool      // a look is under way
	listing bool      // that look is at the lists
	first   bool      // a caller wants the task read at once
	listed  bool      // the lists show it, also while it is young
	last    *Observation
	lived   bool // its live view has been looked for while it ran
	seats   map[*seat]bool
	left    time.Time // when the last seat was left
}

// A seat is one caller's place at a watched task.
type seat struct {
	watcher *watcher
	task    *watched
	detail  bool
	news    chan news // of capacity 1: the latest only
}

// A news is what a look told, or why it could not: then look has its time only.
type news struct {
	look   Observation
	err    error
	listed bool // the lists told it
}

// ended reports whether the task is known to have ended.
func (t *watched) ended() bool { return t.last != nil && t.last.Task.Status.Ended() }

// keep remembers a look for the callers that come later. Of the end of a task it
// remembers the summary: the output may be large, and can be read again.
func (t *watched) keep(look Observation) {
	t.lived = t.lived || look.Detail && look.Task.Status == TaskRunning
	if look.Task.Status.Ended() {
		look = Observation{Task: Task{TaskSummary: look.Task.TaskSummary}, At: look.At}
	}
	t.last = &look
}

// note counts a read of a task as a look at it, if somebody has waited for it
// lately.
func (all *watchers) note(key string, task Task) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if wr := all.byKey[key]; wr != nil && wr.tasks[string(task.ID)] != nil {
		wr.share(wr.tasks[string(task.ID)], news{look: Observation{task, true, time.Now()}})
	}
}

// outdate forgets what is known of a task that was just changed, and makes a look
// at it due.
func (all *watchers) outdate(key, id string) {
	all.mu.Lock()
	defer all.mu.Unlock()
	wr := all.byKey[key]
	if wr == nil || wr.tasks[id] == nil || wr.tasks[id].ended() {
		return
	}
	wr.tasks[id].last, wr.tasks[id].next = nil, time.Now()
	wr.poke()
}

// tell hands the latest news to a seat, in the place of news it has not taken yet.
func (s *seat) tell(n news) {
	select {
	case <-s.news:
	default:
	}
	s.news <- n
}

// told returns the news that a seat has not taken yet, if there is any.
func (s *seat) told() (n news, ok bool) {
	select {
	case n = <-s.news:
		return n, true
	default:
		return n, false
	}
}

func (s *seat) leave() {
	all := s.watcher.all
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(s.task.seats, s)
	s.task.left = time.Now()
	s.watcher.poke()
}
