package browseract

import "time"

// A watched is one task that somebody waits for, or did a moment ago. All but its id
// is guarded by [watchers.mu].
type watched struct {
	id    string
	since time.Time
	next  time.Time // when to look next
	busy  bool      // a look is under way
	last  *news
	lived bool // its live view has been looked for while it ran
	seats map[*seat]bool
	left  time.Time // when the last seat was left
}

// A seat is one caller's place at a watched task.
type seat struct {
	watcher *watcher
	task    *watched
	detail  bool
	reads   bool      // who has it reads the task, and the watcher does not
	news    chan news // of capacity 1: the latest only
}

// A news is what a look told, or why it could not.
type news struct {
	look Look
	err  error
	at   time.Time
}

// remember keeps what a look told for those who come later. The end of a task is
// not kept: it may have a large output, and whoever comes later can read it.
func (t *watched) remember(n news) {
	t.lived = t.lived || n.err == nil && n.look.Whole && n.look.Task.Status == TaskRunning
	switch {
	case n.err != nil:
	case n.look.Task.Status.Ended():
		t.last = nil
	default:
		t.last = &n
	}
}

// note counts a read of a task as a look at it, if somebody has waited for it
// lately.
func (all *watchers) note(key string, task Task) {
	all.mu.Lock()
	defer all.mu.Unlock()
	wr := all.byKey[key]
	if wr == nil || wr.tasks[string(task.ID)] == nil {
		return
	}
	now, t := time.Now(), wr.tasks[string(task.ID)]
	t.remember(news{look: Look{task, true}, at: now})
	t.next = now.Add(wr.client.interval(now.Sub(t.since)))
}

// recent returns what the latest look at a task told, if it told all and no other
// look is due since.
func (all *watchers) recent(key, id string) (Task, bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	wr := all.byKey[key]
	if wr == nil || wr.tasks[id] == nil {
		return Task{}, false
	}
	t := wr.tasks[id]
	if t.last == nil || !t.last.look.Whole || !time.Now().Before(t.next) {
		return Task{}, false
	}
	return t.last.look.Task, true
}

// tell hands the latest news to a seat, in the place of news it has not taken yet.
func (s *seat) tell(n news) {
	select {
	case <-s.news:
	default:
	}
	s.news <- n
}

func (s *seat) leave() {
	all := s.watcher.all
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(s.task.seats, s)
	if s.reads {
		s.task.busy = false
	}
	s.task.left = time.Now()
	s.watcher.poke()
}
