package batch

import (
	"context"
	"fmt"
	"sync"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/call"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// Stop gives up the queued rows of a batch and stops its tasks. The errors are
// [*problem.Error].
func (m *Manager) Stop(ctx context.Context, id string) (schemas.Batch, error) {
	s, err := m.find(ctx, id)
	if err != nil {
		return schemas.Batch{}, err
	}
	if err := s.giveUp(ctx); err != nil {
		return schemas.Batch{}, err
	}
	m.workers.latest(s).stop()
	following, stop := context.WithCancel(ctx)
	s.waitFor(following, maxSettleTime, s.allSettled)
	// A row whose start has failed meanwhile is queued again.
	if err := s.giveUp(ctx); err != nil {
		s.warn(m.Runs.Problems.Explain(err).Message)
	}
	s.refreshOrWarn(ctx)
	s.stopTasks(ctx)
	s.waitFor(following, call.LastRead, s.allRead)
	stop()
	s.followers.Wait()
	return s.describeStopped(ctx), nil
}

// giveUp gives up the rows that are in the queue.
func (s *state) giveUp(ctx context.Context) error {
	if _, err := s.m.ledger().GiveUpRows(ctx, s.caller, s.batch.ID); err != nil {
		return runs.Unavailable(err)
	}
	return nil
}

// allSettled reports whether no row is starting.
func (s *state) allSettled() bool {
	return s.count(func(r *row) bool { return isStarting(r) && r.statusText() != present.StatusMayHaveStarted }) == 0
}

// stopTasks stops the tasks that the batch has started and that have not ended.
func (s *state) stopTasks(ctx context.Context) {
	var stops sync.WaitGroup
	var adopted []int
	s.each(func(r *row) {
		known := *r
		switch {
		case known.State != ledger.RowStarted || known.ended():
		case known.adopted(s.batch.ID):
			adopted = append(adopted, known.Number)
		default:
			stops.Go(func() { s.stopTask(ctx, known) })
		}
	})
	stops.Wait()
	for _, number := range adopted {
		s.warn(s.name(number) + " was started outside of this batch, so it was not stopped. Use stop_task if the user wants that.")
	}
}

func (s *state) stopTask(ctx context.Context, r row) {
	s.reading <- struct{}{}
	defer func() { <-s.reading }()
	if _, err := s.m.Runs.Client.StopTask(ctx, r.TaskID); err != nil {
		s.warn(fmt.Sprintf("%s could not be stopped: %s", s.name(r.Number), s.m.Runs.Problems.Explain(err).Message))
		return
	}
	s.readTask(ctx, r.Number, r.TaskID)
}

// describeStopped is describe after a stop, which has to be repeated where a row of the
// batch may still run.
func (s *state) describeStopped(ctx context.Context) schemas.Batch {
	b := s.describe(ctx)
	if s.count(func(r *row) bool { return !r.done() && !r.adopted(s.batch.ID) }) > 0 {
		b.NextStep = nextBatch("stop_batch", b.BatchID, "to stop the rows that could not be stopped yet")
	}
	return b
}
