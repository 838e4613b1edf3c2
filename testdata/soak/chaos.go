package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

// patience is how long a client waits: no call here has more than a second to
// wait for its task, and every call is answered 23 s after its arrival.
const patience = 40 * time.Second

// act does one of the things that clients do.
func (s *soak) act(ctx context.Context, t *target) error {
	switch s.chance.below(100) {
	case 0:
		return s.visit(ctx, t.within)
	case 1, 2, 3:
		return t.disturb(ctx, s.chance)
	case 4, 5, 6, 7:
		return s.ask(ctx, t, "initialize", drive.Initialize)
	case 8, 9, 10, 11:
		return s.ask(ctx, t, "tools/list", "")
	}
	switch s.chance.below(10) {
	case 0, 1:
		return s.follow(ctx, t)
	case 2:
		return s.leave(ctx, t)
	case 3, 4:
		return s.call(ctx, t, s.chance.pick(mistakes()))
	default:
		return s.call(ctx, t, s.chance.pick(reads()))
	}
}

func reads() []string {
	return []string{
		`"list_tasks","arguments":{"limit":50}`, `"list_tasks","arguments":{"status":"failed"}`,
		`"list_workflows","arguments":{"query":"price"}`, `"list_templates","arguments":{"query":"maps","limit":5}`,
		`"list_regions","arguments":{}`,
	}
}

func mistakes() []string {
	return []string{
		`"no_such_tool","arguments":{}`, `"list_tasks","arguments":{"limit":"many"}`, `"get_task","arguments":{}`,
		`"get_task","arguments":{"task_id":"1"}`, `"list_tasks","arguments":[1,2]`, `"run_workflow","arguments":{"workflow_id":"1","x":1}`,
		`"stop_task","arguments":{"task_id":"../../x"}`, `"get_workflow","arguments":{"workflow_id":"unknown"}`,
	}
}

// taskID finds the id of a task in a result, in text or in structured content.
var taskID = regexp.MustCompile(`task_id\\?":\\?"(\d+)`)

// follow starts a run and sees what became of it.
func (s *soak) follow(ctx context.Context, t *target) error {
	reply, err := s.hear(ctx, t, "tools/call", "{"+s.aRun(1)+"}")
	if err != nil {
		return err
	}
	found := taskID.FindSubmatch(reply)
	if found == nil {
		return nil // refused, in one of many ways
	}
	for _, next := range []string{`"get_task","arguments":{"task_id":%q,"wait_seconds":1,"include_steps":true}`, `"get_task_output","arguments":{"task_id":%q}`, s.chance.pick([]string{
		`"stop_task","arguments":{"task_id":%q}`, `"resume_task","arguments":{"task_id":%q,"wait_seconds":0}`,
	})} {
		if err := s.call(ctx, t, fmt.Sprintf(next, found[1])); err != nil {
			return err
		}
	}
	return nil
}

// aRun is a start of some workflow, with a wait of up to limit seconds and progress.
func (s *soak) aRun(limit int) string {
	name := s.chance.pick([]string{"Price Monitor", "Price Monitor", "Flaky Checkout", "Needs A Human", "Never Ends", "Not Published"})
	return fmt.Sprintf(`"_meta":{"progressToken":%d},"name":"run_workflow","arguments":{"workflow_id":%q,"allow_duplicate":true,"wait_seconds":%d,`+
		`"inputs":{"product_url":"https://shop.example.com"}}`, s.chance.below(1<<30), s.account.workflow(name), s.chance.below(limit+1))
}

// leave makes a call and gives it up: it cancels, or breaks the connection.
func (s *soak) leave(ctx context.Context, t *target) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(1+s.chance.below(400))*time.Millisecond)
	defer cancel()
	_, err := t.Call(ctx, "tools/call", "{"+s.aRun(20)+"}")
	return s.take(t, err)
}

// call calls a tool, as `"name","arguments":{…}`.
func (s *soak) call(ctx context.Context, t *target, tool string) error {
	return s.ask(ctx, t, "tools/call", `{"name":`+tool+`}`)
}

func (s *soak) ask(ctx context.Context, t *target, method, params string) error {
	_, err := s.hear(ctx, t, method, params)
	return err
}

// hear makes a call that has to be answered, with any answer.
func (s *soak) hear(ctx context.Context, t *target, method, params string) ([]byte, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	reply, err := t.Call(waiting, method, params)
	if waiting.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%s: no answer in %v to %s %.200s", t.name, patience, method, params)
	}
	return reply, s.take(t, err)
}

// take takes an answer, a refusal and a call that was given up for good ends.
func (s *soak) take(t *target, err error) error {
	switch {
	case err == nil:
		s.tally.answered.Add(1)
	case errors.Is(err, drive.ErrRefused):
		s.tally.refused.Add(1)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		s.tally.cancelled.Add(1)
	default:
		return fmt.Errorf("%s: %w", t.name, err)
	}
	return nil
}
