package browseract

import (
	"context"
	"slices"
	"sync"
	"time"
)

// maxDirectPolls is how many watched tasks are polled one by one. For more, a few
// pages of list-tasks show all of them.
const maxDirectPolls = 3

// watchers holds one watcher for each API key that a caller waits with.
type watchers struct {
	mu    sync.Mutex
	byKey map[string]*watcher
}

// A watcher polls the tasks of one API key for all callers that wait for them. Its
// goroutine runs while there are subscriptions. A poll that has begun is completed
// and remembered without them too, since a call may be shorter than a poll.
type watcher struct {
	all    *watchers
	client *Client
	key    string

	// Guarded by all.mu.
	entries  map[string]*entry
	running  bool
	listedAt time.Time     // when the lists were last due
	wake     chan struct{} // of capacity 1: the entries have changed
}

// subscribe subscribes a caller, and starts the watcher if it does not run.
func (all *watchers) subscribe(ctx context.Context, c *Client, w Watch) *subscription {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.watcher(c, c.key(ctx)).subscribe(ctx, w)
}

// subscribeFirst subscribes a caller that knows nothing of the task. The watcher reads
// the task at once if it remembers no recent observation, unless a poll of the lists
// will show it: byList.
func (all *watchers) subscribeFirst(ctx context.Context, c *Client, id string) (s *subscription, byList bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	wr := all.watcher(c, c.key(ctx))
	s = wr.subscribe(ctx, Watch{TaskID: id})
	byList = s.entry.byList || len(wr.active(time.Now())) > maxDirectPolls
	s.detail = !byList
	s.entry.urgent = s.entry.urgent || !byList && !s.entry.polling && s.entry.last == nil
	return s, byList
}

// record counts a read of a task as a poll, if the task is watched.
func (all *watchers) record(key string, task Task) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if wr := all.byKey[key]; wr != nil && wr.entries[string(task.ID)] != nil {
		wr.publish(wr.entries[string(task.ID)], update{seen: Observation{task, true, time.Now()}})
	}
}

// invalidate forgets what is known of a task that a request has changed, and makes a
// poll due at once.
func (all *watchers) invalidate(key, id string) {
	all.mu.Lock()
	defer all.mu.Unlock()
	wr := all.byKey[key]
	if wr == nil || wr.entries[id] == nil || wr.entries[id].ended() {
		return
	}
	wr.entries[id].last, wr.entries[id].next = nil, time.Now()
	wr.wakeUp()
}

func (all *watchers) watcher(c *Client, key string) *watcher {
	wr := all.byKey[key]
	if wr == nil {
		wr = &watcher{all: all, client: c, key: key, entries: map[string]*entry{}, wake: make(chan struct{}, 1)}
		all.byKey[key] = wr
	}
	return wr
}

// subscribe is called with all.mu held, as are the methods below but for run, due and
// expire.
func (wr *watcher) subscribe(ctx context.Context, w Watch) *subscription {
	e := wr.entry(w)
	s := &subscription{watcher: wr, entry: e, detail: w.Detail, updates: make(chan update, 1)}
	e.subscriptions[s] = true
	if e.last != nil {
		s.send(update{seen: *e.last})
	}
	if !wr.running {
		wr.running = true
		go wr.run(context.WithoutCancel(ctx)) // ends after the last subscription and the polls in flight
	}
	wr.wakeUp()
	return s
}

// entry returns the task's entry. What the caller knows counts as a poll at its time.
func (wr *watcher) entry(w Watch) *entry {
	now := time.Now()
	e := wr.entries[w.TaskID]
	if e == nil {
		e = &entry{id: w.TaskID, since: now, next: now, subscriptions: map[*subscription]bool{}}
		wr.entries[w.TaskID] = e
	}
	if w.Since.IsZero() {
		e.listed = true
	} else if w.Since.Before(e.since) {
		e.since = w.Since
	}
	switch known := w.Known; {
	case e.ended():
	case known != nil && wr.recent(e, known.At) && (e.last == nil || known.At.After(e.last.At)):
		wr.schedule(e, update{seen: *known})
	case e.last != nil && !wr.recent(e, e.last.At):
		e.last = nil // too old to send
	}
	return e
}

// recent reports whether an observation made at that time is less than an interval old.
func (wr *watcher) recent(e *entry, at time.Time) bool {
	now := time.Now()
	return !at.After(now) && now.Sub(at) < wr.client.interval(now.Sub(e.since))
}

// schedule stores an update and makes the next poll due an interval after it.
func (wr *watcher) schedule(e *entry, u update) {
	e.next = u.seen.At.Add(wr.client.interval(u.seen.At.Sub(e.since)))
	if u.err == nil {
		e.remember(u.seen)
	}
}

// publish stores an update and sends it to all subscriptions. After the end of a task
// it does nothing, since such a poll began before the end.
func (wr *watcher) publish(e *entry, u update) {
	if e.ended() {
		return
	}
	wr.schedule(e, u)
	for s := range e.subscriptions {
		s.send(u)
	}
}

func (wr *watcher) wakeUp() {
	select {
	case wr.wake <- struct{}{}:
	default:
	}
}

// run polls tasks when they are due, until there are no subscriptions. It then waits
// for the polls in flight.
func (wr *watcher) run(ctx context.Context) {
	var polls sync.WaitGroup
	defer polls.Wait()
	for {
		due, next, active := wr.due()
		if !active {
			return
		}
		if len(due) > 0 {
			polls.Go(func() { wr.poll(ctx, due) })
			continue
		}
		select {
		case <-wr.wake:
		case <-time.After(time.Until(next)):
		}
	}
}

// due returns the tasks to poll now, marked as polling, or when the next one is due.
// If there are no subscriptions it stops the watcher and returns false.
func (wr *watcher) due() (due []*entry, next time.Time, active bool) {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	now := time.Now()
	waiting := wr.active(now)
	if len(waiting) == 0 {
		wr.running = false
		time.AfterFunc(forgetAfter+time.Second, wr.expire)
		return nil, time.Time{}, false
	}
	due, next = wr.choose(waiting, now)
	for _, e := range due {
		e.polling, e.urgent = true, false
		e.byList = len(due) > maxDirectPolls
	}
	return due, next, true
}

// choose returns those of the active tasks that are due, or when the next one is.
func (wr *watcher) choose(waiting []*entry, now time.Time) (due []*entry, next time.Time) {
	for _, e := range waiting {
		if e.urgent && !e.polling {
			due = append(due, e)
		}
	}
	switch {
	case len(due) > 0:
		return due, now
	case len(waiting) > maxDirectPolls:
		return wr.dueTogether(waiting, now)
	}
	next = now.Add(forgetAfter)
	for _, e := range waiting {
		switch {
		case e.polling:
		case !e.next.After(now):
			due = append(due, e)
		case e.next.Before(next):
			next = e.next
		}
	}
	return due, next
}

// dueTogether makes all tasks due at once, at the interval of the youngest: a task
// that joins in between waits for the next round.
func (wr *watcher) dueTogether(waiting []*entry, now time.Time) (due []*entry, next time.Time) {
	youngest := slices.MaxFunc(waiting, func(x, y *entry) int { return x.since.Compare(y.since) })
	pause := wr.client.interval(now.Sub(youngest.since))
	if next = wr.listedAt.Add(pause); next.After(now) {
		return nil, next
	}
	wr.listedAt = now
	return slices.DeleteFunc(waiting, func(e *entry) bool { return e.polling }), now.Add(pause)
}

// active drops the entries that had no subscription for forgetAfter, and returns those
// that have one and have not ended.
func (wr *watcher) active(now time.Time) (waiting []*entry) {
	for id, e := range wr.entries {
		switch {
		case len(e.subscriptions) > 0 && e.ended():
		case len(e.subscriptions) > 0:
			waiting = append(waiting, e)
		case now.Sub(e.left) > forgetAfter:
			delete(wr.entries, id)
		}
	}
	return waiting
}

// expire drops a watcher that was not needed for a while.
func (wr *watcher) expire() {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	wr.active(time.Now())
	if len(wr.entries) == 0 && !wr.running && wr.all.byKey[wr.key] == wr {
		delete(wr.all.byKey, wr.key)
	}
}
