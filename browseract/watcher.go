package browseract

import (
	"context"
	"slices"
	"sync"
	"time"
)

const (
	// singly is up to how many watched tasks are looked at one by one. For more,
	// a few pages of list-tasks tell of all.
	singly = 3
	// forgetAfter is for how long a task is remembered that nobody waits for, so
	// that the next wait goes on in its rhythm.
	forgetAfter = time.Minute
	// lookTimeout bounds one request of a look, its repetitions included.
	lookTimeout = 20 * time.Second
	// listedLate is how young a task may be that no list shows yet.
	listedLate = 10 * time.Second
	// endsAtOnce is how many tasks that left the lists are read at a time.
	endsAtOnce = 8
	// unlistedAtOnce is how many tasks that the lists may not show yet are read
	// in one round.
	unlistedAtOnce = 8
)

// watchers have one watcher for each API key with which somebody waits.
type watchers struct {
	mu    sync.Mutex
	byKey map[string]*watcher
}

// A watcher looks at the tasks of one API key for all who wait for them. Its
// goroutine lives while a caller waits. A look that has begun is finished
// without a caller too, since a call may last shorter than a look.
type watcher struct {
	all    *watchers
	client *Client
	key    string

	// Guarded by all.mu.
	tasks   map[string]*watched
	running bool
	listed  time.Time     // when the tasks were last due together
	wake    chan struct{} // of capacity 1: who waits has changed
}

// join gives a caller a seat, and starts the watcher if it has none yet.
func (all *watchers) join(ctx context.Context, c *Client, w Watch) *seat {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.watcher(c, c.key(ctx)).join(ctx, w)
}

// joinFirst gives a caller a seat who does not know the task yet. The watcher reads
// the task at once if no recent look is remembered, unless a look at the lists will
// tell of it: shared.
func (all *watchers) joinFirst(ctx context.Context, c *Client, id string) (s *seat, shared bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	wr := all.watcher(c, c.key(ctx))
	s = wr.join(ctx, Watch{TaskID: id})
	shared = s.task.listing || len(wr.sweep(time.Now())) > singly
	s.detail = !shared
	s.task.first = s.task.first || !shared && !s.task.busy && s.task.last == nil
	return s, shared
}

// join is called with all.mu held.
func (wr *watcher) join(ctx context.Context, w Watch) *seat {
	task := wr.watched(w)
	s := &seat{watcher: wr, task: task, detail: w.Detail, news: make(chan news, 1)}
	task.seats[s] = true
	if task.last != nil {
		s.tell(news{look: *task.last})
	}
	if !wr.running {
		wr.running = true
		go wr.run(context.WithoutCancel(ctx)) // ends when the last seat is left and its looks have ended
	}
	wr.poke()
	return s
}

func (all *watchers) watcher(c *Client, key string) *watcher {
	if all.byKey == nil {
		all.byKey = map[string]*watcher{}
	}
	wr := all.byKey[key]
	if wr == nil {
		wr = &watcher{all: all, client: c, key: key, tasks: map[string]*watched{}, wake: make(chan struct{}, 1)}
		all.byKey[key] = wr
	}
	return wr
}

// watched returns the task's entry. What the caller knows counts as a look at the
// time at which it was seen.
func (wr *watcher) watched(w Watch) *watched {
	now := time.Now()
	task := wr.tasks[w.TaskID]
	if task == nil {
		task = &watched{id: w.TaskID, since: now, next: now, seats: map[*seat]bool{}}
		wr.tasks[w.TaskID] = task
	}
	if w.Since.IsZero() {
		task.listed = true
	} else if w.Since.Before(task.since) {
		task.since = w.Since
	}
	switch known := w.Known; {
	case task.ended():
		return task
	case known != nil && wr.recent(task, known.At) && (task.last == nil || known.At.After(task.last.At)):
		wr.remember(task, news{look: *known})
	case task.last != nil && !wr.recent(task, task.last.At):
		task.last = nil // too old to be told
	}
	return task
}

// recent reports whether a look at that time is less than an interval old.
func (wr *watcher) recent(task *watched, at time.Time) bool {
	now := time.Now()
	return !at.After(now) && now.Sub(at) < wr.client.interval(now.Sub(task.since))
}

// remember keeps what a look told, and makes the next one due an interval later.
func (wr *watcher) remember(task *watched, n news) {
	at := n.look.At
	task.next = at.Add(wr.client.interval(at.Sub(task.since)))
	if n.err == nil {
		task.keep(n.look)
	}
}

func (wr *watcher) poke() {
	select {
	case wr.wake <- struct{}{}:
	default:
	}
}

// run looks at tasks when they are due, until no caller waits any more. The looks that
// have begun then are told to the callers that come later.
func (wr *watcher) run(ctx context.Context) {
	var looks sync.WaitGroup
	defer looks.Wait()
	for {
		due, next, open := wr.due()
		if !open {
			return
		}
		if len(due) > 0 {
			looks.Go(func() { wr.look(ctx, due) })
			continue
		}
		select {
		case <-wr.wake:
		case <-time.After(time.Until(next)):
		}
	}
}

// due returns the tasks to look at now, marked as busy, and else when the next one
// is due. It is not open when nobody waits: the watcher has stopped then.
func (wr *watcher) due() (due []*watched, next time.Time, open bool) {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	now := time.Now()
	waited := wr.sweep(now)
	if len(waited) == 0 {
		wr.running = false
		time.AfterFunc(forgetAfter+time.Second, wr.forget)
		return nil, time.Time{}, false
	}
	due, next = wr.choose(waited, now)
	for _, task := range due {
		task.busy, task.first = true, false
		task.listing = len(due) > singly
	}
	return due, next, true
}

// choose returns which of the tasks that are waited for are due, and when the next
// one is if none is.
func (wr *watcher) choose(waited []*watched, now time.Time) (due []*watched, next time.Time) {
	for _, task := range waited {
		if task.first && !task.busy {
			due = append(due, task)
		}
	}
	switch {
	case len(due) > 0:
		return due, now
	case len(waited) > singly:
		return wr.dueByList(waited, now)
	default:
		return dueSingly(waited, now)
	}
}

// forget lets go of a watcher that nobody has needed for a while.
func (wr *watcher) forget() {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	wr.sweep(time.Now())
	if len(wr.tasks) == 0 && !wr.running && wr.all.byKey[wr.key] == wr {
		delete(wr.all.byKey, wr.key)
	}
}

func dueSingly(waited []*watched, now time.Time) (due []*watched, next time.Time) {
	next = now.Add(forgetAfter)
	for _, task := range waited {
		switch {
		case task.busy:
		case !task.next.After(now):
			due = append(due, task)
		case task.next.Before(next):
			next = task.next
		}
	}
	return due, next
}

// dueByList is all tasks at once, as often as the youngest of them asks for: who
// joins meanwhile waits for the next round.
func (wr *watcher) dueByList(waited []*watched, now time.Time) (due []*watched, next time.Time) {
	youngest := waited[0]
	for _, task := range waited {
		if task.since.After(youngest.since) {
			youngest = task
		}
	}
	pause := wr.client.interval(now.Sub(youngest.since))
	if next = wr.listed.Add(pause); next.After(now) {
		return nil, next
	}
	wr.listed = now
	return slices.DeleteFunc(waited, func(t *watched) bool { return t.busy }), now.Add(pause)
}

// sweep forgets tasks that no caller has waited for lately and returns those that are
// waited for and have not ended.
func (wr *watcher) sweep(now time.Time) (waited []*watched) {
	for id, task := range wr.tasks {
		switch {
		case len(task.seats) > 0 && task.ended():
		case len(task.seats) > 0:
			waited = append(waited, task)
		case now.Sub(task.left) > forgetAfter:
			delete(wr.tasks, id)
		}
	}
	return waited
}

// look looks at tasks: one by one if they are few, else by a list.
func (wr *watcher) look(ctx context.Context, tasks []*watched) {
	if len(tasks) > singly {
		wr.lookAtList(ctx, tasks)
		return
	}
	wr.lookAtEach(ctx, tasks, wr.wantsDetail)
}

// lookAtEach reads tasks one by one, some at a time, as far as a caller still waits
// for them.
func (wr *watcher) lookAtEach(ctx context.Context, tasks []*watched, whole func(*watched) bool) {
	places := make(chan struct{}, endsAtOnce)
	var looks sync.WaitGroup
	for _, task := range tasks {
		places <- struct{}{}
		looks.Go(func() {
			defer func() { <-places }()
			if wr.abandoned(task) {
				return
			}
			wr.tell(task, wr.client.lookAt(ctx, task.id, whole(task)))
		})
	}
	looks.Wait()
}

// abandoned reports whether no caller waits for a task any more whose look has not begun
// yet. The next caller's look is due at once then.
func (wr *watcher) abandoned(task *watched) bool {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	if len(task.seats) > 0 {
		return false
	}
	task.busy, task.listing, task.next = false, false, time.Now()
	return true
}

func (c *Client) lookAt(ctx context.Context, id string, whole bool) news {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if whole {
		task, err := c.readTask(ctx, id)
		return news{look: Observation{task, true, time.Now()}, err: err}
	}
	status, err := c.TaskStatus(ctx, id)
	return news{look: Observation{Task: Task{TaskSummary: TaskSummary{ID: ID(id), Status: status}}, At: time.Now()}, err: err}
}

// wantsDetail reports whether somebody who waits for the task wants all of it. Once
// while it runs it is read for its live view, which is gone when a person needs it.
func (wr *watcher) wantsDetail(task *watched) bool {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	if !task.lived && task.last != nil && task.last.Task.Status == TaskRunning {
		return true
	}
	for s := range task.seats {
		if s.detail {
			return true
		}
	}
	return false
}

// lookAtList reads the lists of open tasks, whose items have no output yet. A task
// that has left all of them has ended, most likely, and is read by itself.
func (wr *watcher) lookAtList(ctx context.Context, tasks []*watched) {
	missing := make(map[ID]*watched, len(tasks))
	for _, task := range tasks {
		missing[ID(task.id)] = task
	}
	for _, status := range []TaskStatus{TaskRunning, TaskCreated, TaskPaused, TaskPausing} {
		if err := wr.lookThrough(ctx, status, missing); err != nil {
			for _, task := range missing {
				wr.tell(task, news{look: Observation{At: time.Now()}, err: err})
			}
			return
		}
	}
	wr.lookAtEach(ctx, wr.withoutUnlisted(missing), func(*watched) bool { return true })
}

// withoutUnlisted returns the tasks that no list shows, without those that are as
// young as to be told by none yet: of these it returns a few, and lets the others be.
func (wr *watcher) withoutUnlisted(missing map[ID]*watched) []*watched {
	left, unlisted := make([]*watched, 0, len(missing)), 0
	for _, task := range missing {
		if wr.mayBeUnlisted(task) {
			if unlisted++; unlisted > unlistedAtOnce {
				wr.rest(task)
				continue
			}
		}
		left = append(left, task)
	}
	return left
}

// mayBeUnlisted reports whether the task may be too young for the lists.
func (wr *watcher) mayBeUnlisted(task *watched) bool {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	return !task.listed && time.Since(task.since) < listedLate
}

// lookThrough reads the open tasks of one status, and takes those that it finds
// out of missing.
func (wr *watcher) lookThrough(ctx context.Context, status TaskStatus, missing map[ID]*watched) error {
	for number := 1; len(missing) > 0; number++ {
		page, err := wr.page(ctx, status, number)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if task := missing[item.ID]; task != nil {
				delete(missing, item.ID)
				wr.client.noteLiveURL(ctx, item)
				wr.tell(task, news{look: Observation{Task: Task{TaskSummary: item}, At: time.Now()}, listed: true})
			}
		}
		if number >= page.TotalPages || len(page.Items) == 0 {
			return nil
		}
	}
	return nil
}

func (wr *watcher) page(ctx context.Context, status TaskStatus, number int) (Page[TaskSummary], error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return wr.client.Tasks(ctx, TaskFilter{Status: status}, number, MaxLimit)
}

// tell ends the look at a task and hands what it told to all who wait for it.
func (wr *watcher) tell(task *watched, n news) {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	task.busy, task.listing = false, false
	task.listed = task.listed || n.listed
	wr.share(task, n)
	wr.poke()
}

// share remembers what a look told and hands it to all who wait for the task. After
// the end of a task it does nothing: the look began before.
func (wr *watcher) share(task *watched, n news) {
	if task.ended() {
		return
	}
	wr.remember(task, n)
	for s := range task.seats {
		s.tell(n)
	}
}

// rest lets a task be until it is due again.
func (wr *watcher) rest(task *watched) {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	now := time.Now()
	task.busy, task.listing = false, false
	task.next = now.Add(wr.client.interval(now.Sub(task.since)))
	wr.poke()
}
