package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools"
)

func TestFailureIsExplainedInOneAnswer(t *testing.T) {
	for workflow, want := range map[string]schemas.Failure{
		"Flaky Checkout":       {Code: 1011, LikelyCause: "captcha", WhatToChange: "Human Interaction"},
		"Navigation Timeout":   {Code: 10001, LikelyCause: "did not load", WhatToChange: "addresses among the inputs"},
		"Fails Without A Word": {LikelyCause: "", WhatToChange: "log page"},
		"Human Comes Too Late": {Code: 10131, LikelyCause: "", WhatToChange: "log page"},
	} {
		t.Run(workflow, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				task := srv.call(context.Background(), "get_task", taskArgument(srv.finishedTask(workflow))).task()
				f := task.Failure
				if f.Code != want.Code || f.Step == "" || f.StepNumber == 0 || f.Message == "" {
					t.Errorf("got %+v", f)
				}
				if !strings.Contains(f.LikelyCause, want.LikelyCause) || (f.LikelyCause == "") != (want.LikelyCause == "") || !strings.Contains(f.WhatToChange, want.WhatToChange) {
					t.Errorf("got %+v", f)
				}
				if n := len(task.Steps); n == 0 || n > 3 || task.Steps[n-1].Number != f.StepNumber || task.Credits == nil || task.LogURL == "" {
					t.Errorf("got %+v", task)
				}
				srv.callNextStep(task, "get_task")
			})
		})
	}
}

// callNextStep calls the next step of a task, which has to be that tool.
func (srv *testServer) callNextStep(task schemas.Task, tool string) answer {
	srv.t.Helper()
	if task.NextStep == nil || task.NextStep.Tool != tool {
		srv.t.Fatalf("next step is %+v, want %s", task.NextStep, tool)
	}
	a := srv.call(context.Background(), tool, marshal(srv.t, task.NextStep.Arguments))
	if a.IsError || a.RPCError != "" {
		srv.t.Fatalf("%s: %s%s", tool, a.Text, a.RPCError)
	}
	return a
}

func TestNextStepsLeadFromFailureToInputs(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		first := srv.call(context.Background(), "get_task", taskArgument(srv.finishedTask("Flaky Checkout"))).task()
		whole := srv.callNextStep(first, "get_task")
		if n := len(whole.task().Steps); n != 4 || whole.Picture == nil {
			t.Errorf("%d steps, %d bytes of a picture", n, len(whole.Picture))
		}
		srv.callNextStep(whole.task(), "get_workflow")
	})
}

func TestEmptyOutputIsExplained(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		a := srv.call(context.Background(), "get_task", taskArgument(srv.finishedTask("Empty Handed")))
		a.checkMessages()
		task := a.task()
		if len(task.Steps) != 3 || len(task.Warnings) == 0 || task.LogURL == "" {
			t.Errorf("got %+v", task)
		}
		srv.callNextStep(task, "get_task")
	})
}

func screenshotArguments(id string) string {
	return fmt.Sprintf(`{"task_id":%q,"include_screenshot":true,"wait_seconds":0}`, id)
}

func TestScreenshotIsSentAsImageContent(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		for _, id := range []string{srv.start("Never Ends"), srv.start("Flaky Checkout"), srv.start("Price Monitor")} {
			time.Sleep(10 * time.Minute)
			a := srv.call(context.Background(), "get_task", screenshotArguments(id))
			img, err := jpeg.DecodeConfig(bytes.NewReader(a.Picture))
			if err != nil || img.Width != 1568 || img.Height != 882 || len(a.Picture) > 400_000 {
				t.Errorf("%d × %d, %d bytes, %v", img.Width, img.Height, len(a.Picture), err)
			}
			if task := a.task(); len(task.Warnings) != 0 || len(a.Structured) == 0 {
				t.Errorf("got %+v", task)
			}
			if labels := fmt.Sprint(a.Meta); !strings.Contains(labels, "content.image") {
				t.Errorf("labelled %s", labels)
			}
		}
		for _, r := range srv.account.Requests() {
			if r.Endpoint == "files" && r.Key != "" {
				t.Error("the key was sent to the host of the screenshots")
			}
		}
	})
}

func TestScreenshotIsFetchedOnDemandOnly(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		if a := srv.call(context.Background(), "get_task", taskArgument(srv.finishedTask("Flaky Checkout"))); a.Picture != nil {
			t.Error("a picture that was not asked for")
		}
		for _, r := range srv.account.Requests() {
			if r.Endpoint == "files" {
				t.Error("a screenshot was fetched")
			}
		}
	})
}

func TestMissingScreenshotIsAWarning(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"gone":        {Status: http.StatusForbidden},
		"redirect":    {Status: http.StatusFound, Header: http.Header{"Location": {"https://files.example"}}},
		"breaks off":  {Truncate: 100},
		"never comes": {Delay: time.Hour},
		"no picture":  {Body: "<html>"},
		"half of it":  {Mutate: func(body []byte) []byte { return body[:len(body)/2] }},
		"too large":   {Mutate: func([]byte) []byte { return make([]byte, 11<<20) }},
		"http":        {Endpoint: "get-task", Mutate: useHTTP},
		"none exists": {Endpoint: "get-task", Mutate: withoutScreenshots},
	} {
		t.Run(name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.finishedTask("Flaky Checkout")
				if fault.Endpoint == "" {
					fault.Endpoint = "files"
				}
				srv.account.Inject(fault)
				began := time.Now()
				a := srv.call(context.Background(), "get_task", screenshotArguments(id))
				a.checkMessages()
				if warnings := a.task().Warnings; a.Picture != nil || len(warnings) != 1 || strings.Contains(warnings[0], "example") {
					t.Errorf("warnings %q, %d bytes", warnings, len(a.Picture))
				}
				if took := time.Since(began); took > 9*time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func withoutScreenshots(body []byte) []byte {
	var task map[string]any
	if json.Unmarshal(body, &task) != nil {
		return body
	}
	for _, step := range task["steps"].([]any) {
		step.(map[string]any)["screenshots_url"] = nil
	}
	body, _ = json.Marshal(task)
	return body
}

func TestScreenshotDoesNotDelayTheAnswer(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Never Ends")
		time.Sleep(time.Minute)
		srv.account.Inject(simulator.Fault{Endpoint: "files", Delay: time.Hour})
		began := time.Now()
		a := srv.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"include_screenshot":true,"wait_seconds":30}`, id))
		if took := time.Since(began); took > 33*time.Second || len(a.task().Warnings) != 1 {
			t.Errorf("took %v, %q", took, a.task().Warnings)
		}
	})
}

func TestLockdownShowsNoScreenshot(t *testing.T) {
	runSynctestWith(t, func(cfg *tools.Config) { cfg.Lockdown = true }, func(t *testing.T, srv *testServer) {
		id := srv.finishedTask("Flaky Checkout")
		task := srv.call(context.Background(), "get_task", taskArgument(id)).task()
		if task.NextStep == nil || task.NextStep.Arguments["include_screenshot"] != nil {
			t.Errorf("next step is %+v", task.NextStep)
		}
		if a := srv.call(context.Background(), "get_task", screenshotArguments(id)); a.Picture != nil || len(a.task().Warnings) != 1 {
			t.Errorf("got %d bytes, %q", len(a.Picture), a.task().Warnings)
		}
	})
}
