package browseract

import (
	"context"
	"errors"
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
	// lookTimeout bounds one look, its repetitions included.
	lookTimeout = 20 * time.Second
	// listedLate is how young a task may be that no list shows yet.
	listedLate = 10 * time.Second
	// endsAtOnce is how many tasks that left the lists are read at a time.
	endsAtOnce = 8
)

// watchers have one watcher for each API key with which somebody waits.
type watchers struct {
	mu    sync.Mutex
	byKey map[string]*watcher
}

// A watcher looks at the tasks of one API key for all who wait for them. Its
// goroutine lives as long as somebody waits.
type watcher struct {
	all    *watchers
	client *Client
	key    string

	// Guarded by all.mu.
	tasks    map[string]*watched
	running  bool
	listNext time.Time     // when the lists may be read next
	wake     chan struct{} // of capacity 1: who waits has changed
}

// join gives a caller a seat, and starts the watcher if it has none yet.
func (all *watchers) join(ctx context.Context, c *Client, w Watch) *seat {
	all.mu.Lock()
	defer all.mu.Unlock()
	return all.watcher(c, c.key(ctx)).join(ctx, w)
}

// joinFirst gives a caller a seat who does not know the task yet. Unless it is
// crowded, the caller reads the task, and the watcher does not.
func (all *watchers) joinFirst(ctx context.Context, c *Client, id string) (s *seat, crowded bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	wr := all.watcher(c, c.key(ctx))
	s = wr.join(ctx, Watch{TaskID: id, Since: time.Now().Add(-listedLate)})
	crowded = len(wr.sweep(time.Now())) > singly
	s.reads = !crowded && !s.task.busy
	s.task.busy = s.task.busy || s.reads
	return s, crowded
}

// join is called with all.mu held.
func (wr *watcher) join(ctx context.Context, w Watch) *seat {
	task := wr.watched(w)
	s := &seat{watcher: wr, task: task, detail: w.Detail, news: make(chan news, 1)}
	task.seats[s] = true
	if task.last != nil && task.last.err == nil {
		s.tell(*task.last)
	}
	if !wr.running {
		wr.running = true
		go wr.run(context.WithoutCancel(ctx)) // ends when the last seat is left
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

// watched returns the task's entry. What the caller has just seen counts as a look.
func (wr *watcher) watched(w Watch) *watched {
	now := time.Now()
	task := wr.tasks[w.TaskID]
	if task == nil {
		task = &watched{id: w.TaskID, since: w.Since, next: now, seats: map[*seat]bool{}}
		wr.tasks[w.TaskID] = task
	}
	if w.Since.Before(task.since) {
		task.since = w.Since
	}
	if w.Known != nil {
		task.remember(news{look: *w.Known, at: now})
		task.next = now.Add(wr.client.interval(now.Sub(task.since)))
	}
	if task.last != nil && now.Sub(task.last.at) > wr.client.interval(now.Sub(task.since)) {
		task.last = nil // too old to be told
	}
	return task
}

func (wr *watcher) poke() {
	select {
	case wr.wake <- struct{}{}:
	default:
	}
}

// run looks at tasks when they are due, until nobody waits any more.
func (wr *watcher) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var looks sync.WaitGroup
	defer looks.Wait()
	defer cancel()
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
	if len(waited) > singly {
		due, next = wr.dueByList(waited, now)
	} else {
		due, next = dueSingly(waited, now)
	}
	for _, task := range due {
		task.busy = true
	}
	return due, next, true
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
	if wr.listNext.After(now) {
		return nil, wr.listNext
	}
	youngest := waited[0]
	for _, task := range waited {
		if task.since.After(youngest.since) {
			youngest = task
		}
	}
	wr.listNext = now.Add(wr.client.interval(now.Sub(youngest.since)))
	return slices.DeleteFunc(waited, func(t *watched) bool { return t.busy }), wr.listNext
}

// sweep forgets tasks that nobody has waited for lately and returns the others.
func (wr *watcher) sweep(now time.Time) (waited []*watched) {
	for id, task := range wr.tasks {
		switch {
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
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if len(tasks) > singly {
		wr.lookAtList(ctx, tasks)
		return
	}
	wr.lookAtEach(ctx, tasks, wr.wantsDetail)
}

// lookAtEach reads tasks one by one, some at a time.
func (wr *watcher) lookAtEach(ctx context.Context, tasks []*watched, whole func(*watched) bool) {
	places := make(chan struct{}, endsAtOnce)
	var looks sync.WaitGroup
	for _, task := range tasks {
		places <- struct{}{}
		looks.Go(func() {
			defer func() { <-places }()
			n := wr.client.lookAt(ctx, task.id, whole(task))
			switch {
			case n.err != nil && errors.Is(ctx.Err(), context.Canceled):
				wr.release(task) // nobody waits any more: whoever comes next looks
				return
			case n.err != nil && ctx.Err() != nil:
				wr.rest(task) // it took too long
				return
			}
			wr.tell(task, n)
		})
	}
	looks.Wait()
}

func (c *Client) lookAt(ctx context.Context, id string, whole bool) news {
	if whole {
		task, err := c.Task(ctx, id)
		return news{look: Look{task, true}, err: err}
	}
	status, err := c.TaskStatus(ctx, id)
	return news{look: Look{Task: Task{TaskSummary: TaskSummary{ID: ID(id), Status: status}}}, err: err}
}

// wantsDetail reports whether somebody who waits for the task wants all of it. Once
// while it runs it is read for its live view, which is gone when a person needs it.
func (wr *watcher) wantsDetail(task *watched) bool {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	if !task.lived && task.last != nil && task.last.look.Task.Status == TaskRunning {
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
				wr.tell(task, news{err: err})
			}
			return
		}
	}
	left := make([]*watched, 0, len(missing))
	for _, task := range missing {
		if wr.age(task) < listedLate {
			wr.rest(task)
			continue
		}
		left = append(left, task)
	}
	wr.lookAtEach(ctx, left, func(*watched) bool { return true })
}

func (wr *watcher) age(task *watched) time.Duration {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	return time.Since(task.since)
}

// lookThrough reads the open tasks of one status, and takes those that it finds
// out of missing.
func (wr *watcher) lookThrough(ctx context.Context, status TaskStatus, missing map[ID]*watched) error {
	for number := 1; len(missing) > 0; number++ {
		page, err := wr.client.Tasks(ctx, TaskFilter{Status: status}, number, MaxLimit)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if task := missing[item.ID]; task != nil {
				delete(missing, item.ID)
				wr.client.noteLiveURL(ctx, item)
				wr.tell(task, news{look: Look{Task: Task{TaskSummary: item}}})
			}
		}
		if number >= page.TotalPages || len(page.Items) == 0 {
			return nil
		}
	}
	return nil
}

// tell hands what a look told to all who wait for the task.
func (wr *watcher) tell(task *watched, n news) {
	n.at = time.Now()
	wr.rest(task)
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	task.remember(n)
	for s := range task.seats {
		s.tell(n)
	}
}

// release lets others look at a task that was not looked at after all.
func (wr *watcher) release(task *watched) {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	task.busy = false
	wr.poke()
}

// rest lets a task be until it is due again.
func (wr *watcher) rest(task *watched) {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	now := time.Now()
	task.busy = false
	task.next = now.Add(wr.client.interval(now.Sub(task.since)))
	wr.poke()
}
