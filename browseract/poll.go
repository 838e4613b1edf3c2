package browseract

import (
	"context"
	"sync"
	"time"
)

const (
	// maxConcurrentReads is how many tasks of one round are read at a time.
	maxConcurrentReads = 8
	// maxYoungReads is how many tasks that the lists may not show yet are read in one
	// round.
	maxYoungReads = 8
)

// poll polls tasks: one by one if they are few, else by the lists.
func (wr *watcher) poll(ctx context.Context, due []*entry) {
	if len(due) > maxDirectPolls {
		wr.pollLists(ctx, due)
		return
	}
	wr.pollEach(ctx, due, wr.wantsDetail)
}

// pollEach polls tasks one by one, several at a time, those without a subscription
// excepted.
func (wr *watcher) pollEach(ctx context.Context, due []*entry, detail func(*entry) bool) {
	slots := make(chan struct{}, maxConcurrentReads)
	var polls sync.WaitGroup
	for _, e := range due {
		slots <- struct{}{}
		polls.Go(func() {
			defer func() { <-slots }()
			if !wr.skip(e) {
				wr.finish(e, wr.client.pollTask(ctx, e.id, detail(e)))
			}
		})
	}
	polls.Wait()
}

// skip reports whether the task has no subscription before its poll begins. A poll
// for the next one is due at once then.
func (wr *watcher) skip(e *entry) bool {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	if len(e.subscriptions) > 0 {
		return false
	}
	e.idle()
	e.next = time.Now()
	return true
}

func (c *Client) pollTask(ctx context.Context, id string, detail bool) update {
	ctx, cancel := context.WithTimeout(ctx, retriedTimeout)
	defer cancel()
	if detail {
		task, err := c.readTask(ctx, id)
		return update{seen: Observation{task, true, time.Now()}, err: err}
	}
	status, err := c.TaskStatus(ctx, id)
	return update{seen: Observation{Task: Task{TaskSummary: TaskSummary{ID: ID(id), Status: status}}, At: time.Now()}, err: err}
}

// wantsDetail reports whether to read all of the task: if a subscription asks for it,
// and once while it runs for its live view, which is gone when a person needs it.
func (wr *watcher) wantsDetail(e *entry) bool {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	if !e.fetchedLiveView && e.last != nil && e.last.Task.Status == TaskRunning {
		return true
	}
	for s := range e.subscriptions {
		if s.detail {
			return true
		}
	}
	return false
}

// pollLists reads the lists of open tasks, which have no outputs yet. A task that is
// in none of them has probably ended, and is read by itself.
func (wr *watcher) pollLists(ctx context.Context, due []*entry) {
	missing := make(map[ID]*entry, len(due))
	for _, e := range due {
		missing[ID(e.id)] = e
	}
	for _, status := range []TaskStatus{TaskRunning, TaskCreated, TaskPaused, TaskPausing} {
		if err := wr.pollList(ctx, status, missing); err != nil {
			for _, e := range missing {
				wr.finish(e, update{seen: Observation{At: time.Now()}, err: err})
			}
			return
		}
	}
	wr.pollEach(ctx, wr.toRead(missing), func(*entry) bool { return true })
}

// pollList reads the open tasks of one status, and removes those that it finds from
// missing.
func (wr *watcher) pollList(ctx context.Context, status TaskStatus, missing map[ID]*entry) error {
	for number := 1; len(missing) > 0; number++ {
		page, err := wr.page(ctx, status, number)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if e := missing[item.ID]; e != nil {
				delete(missing, item.ID)
				wr.client.storeLiveURL(ctx, item)
				wr.finish(e, update{seen: Observation{Task: Task{TaskSummary: item}, At: time.Now()}, listed: true})
			}
		}
		if number >= page.TotalPages || len(page.Items) == 0 {
			return nil
		}
	}
	return nil
}

func (wr *watcher) page(ctx context.Context, status TaskStatus, number int) (Page[TaskSummary], error) {
	ctx, cancel := context.WithTimeout(ctx, retriedTimeout)
	defer cancel()
	return wr.client.Tasks(ctx, TaskFilter{Status: status}, number, MaxLimit)
}

// toRead returns the missing tasks to read now. Of those that the lists may not show
// yet it returns a few and postpones the others by an interval.
func (wr *watcher) toRead(missing map[ID]*entry) []*entry {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	now, young := time.Now(), 0
	read := make([]*entry, 0, len(missing))
	for _, e := range missing {
		if age := now.Sub(e.since); !e.listed && age < listLag {
			if young++; young > maxYoungReads {
				e.idle()
				e.next = now.Add(wr.client.interval(age))
				wr.wakeUp()
				continue
			}
		}
		read = append(read, e)
	}
	return read
}

// finish ends the poll of a task and publishes its result.
func (wr *watcher) finish(e *entry, u update) {
	wr.all.mu.Lock()
	defer wr.all.mu.Unlock()
	e.idle()
	e.listed = e.listed || u.listed
	wr.publish(e, u)
	wr.wakeUp()
}
