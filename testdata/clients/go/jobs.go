package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// patience is how long the impatient client waits for any answer.
const patience = 5 * time.Second

// These are what the jobs need of the server's results.
type (
	template struct {
		TemplateID string `json:"template_id"`
	}
	task struct {
		TaskID string             `json:"task_id"`
		Status string             `json:"status"`
		Inputs string             `json:"inputs"`
		Done   bool               `json:"done"`
		Output struct{ Rows int } `json:"output"`
	}
	object = map[string]any
)

// wholeJob finds a template, runs it, follows the task to its end and reads its
// output.
func wholeJob(ctx context.Context, s *session, keywords string) error {
	started, err := start(ctx, s, keywords, 2)
	if err != nil {
		return err
	}
	if started.Done {
		return errors.New("the run ended too early for this test")
	}
	ended, err := follow(ctx, s, started.TaskID, 20)
	if err != nil {
		return err
	}
	if err := s.progress.check(4); err != nil {
		return err
	}
	return readOutput(ctx, s, ended)
}

// impatientJob starts a run and gives up waiting for the answer. Then it looks
// for the task and follows it, and starts nothing again.
func impatientJob(ctx context.Context, s *session, keywords string) error {
	s.patience = patience
	if _, err := start(ctx, s, keywords, 50); !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the call ended with %v, want its time-out", err)
	}
	found, err := onlyTask(ctx, s, keywords)
	if err != nil {
		return err
	}
	ended, err := follow(ctx, s, found.TaskID, 3)
	if err != nil {
		return err
	}
	if err := readOutput(ctx, s, ended); err != nil {
		return err
	}
	_, err = onlyTask(ctx, s, keywords)
	return err
}

func start(ctx context.Context, s *session, keywords string, waitSeconds int) (task, error) {
	list, err := call[struct{ Templates []template }](ctx, s, "list_templates", object{"query": "google maps", "limit": 5})
	if err != nil {
		return task{}, err
	}
	found, err := call[template](ctx, s, "get_template", object{"template_id": list.Templates[0].TemplateID})
	if err != nil {
		return task{}, err
	}
	return call[task](ctx, s, "run_template", object{
		"template_id": found.TemplateID, "inputs": object{"keywords": keywords}, "wait_seconds": waitSeconds,
	})
}

func follow(ctx context.Context, s *session, taskID string, waitSeconds int) (task, error) {
	for {
		t, err := call[task](ctx, s, "get_task", object{"task_id": taskID, "wait_seconds": waitSeconds})
		if err != nil || t.Done {
			return t, err
		}
	}
}

func onlyTask(ctx context.Context, s *session, keywords string) (task, error) {
	list, err := call[struct{ Tasks []task }](ctx, s, "list_tasks", object{"limit": 100})
	if err != nil {
		return task{}, err
	}
	var found []task
	for _, t := range list.Tasks {
		if t.Inputs == "keywords="+keywords {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		return task{}, fmt.Errorf("there are %d runs of this client, want 1", len(found))
	}
	return found[0], nil
}

func readOutput(ctx context.Context, s *session, t task) error {
	if t.Status != "finished" {
		return fmt.Errorf("the task is %s, want finished", t.Status)
	}
	text, err := s.text(ctx, "get_task_output", object{"task_id": t.TaskID})
	if err != nil {
		return err
	}
	header, _, _ := strings.Cut(text, "\n")
	var page struct {
		TotalRows int `json:"total_rows"`
	}
	if err := json.Unmarshal([]byte(header), &page); err != nil || page.TotalRows != t.Output.Rows {
		return fmt.Errorf("the output begins with %s, want total_rows %d (%v)", header, t.Output.Rows, err)
	}
	return nil
}
