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
			bubble(t, func(t *testing.T, d *desk) {
				task := d.call(context.Background(), "get_task", taskArgument(d.ended(workflow))).task()
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
				d.holdNextStep(task, "get_task")
			})
		})
	}
}

// holdNextStep holds that the next step is ready to be sent, and answers.
func (d *desk) holdNextStep(task schemas.Task, tool string) answer {
	d.t.Helper()
	if task.NextStep == nil || task.NextStep.Tool != tool {
		d.t.Fatalf("next step is %+v, want %s", task.NextStep, tool)
	}
	a := d.call(context.Background(), tool, marshal(d.t, task.NextStep.Arguments))
	if a.IsError || a.RPCError != "" {
		d.t.Fatalf("%s: %s%s", tool, a.Text, a.RPCError)
	}
	return a
}

func TestFailureIsFollowedFromItsEndToItsInputs(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		first := d.call(context.Background(), "get_task", taskArgument(d.ended("Flaky Checkout"))).task()
		whole := d.holdNextStep(first, "get_task")
		if n := len(whole.task().Steps); n != 4 || whole.Picture == nil {
			t.Errorf("%d steps, %d bytes of a picture", n, len(whole.Picture))
		}
		d.holdNextStep(whole.task(), "get_workflow")
	})
}

func TestEmptyOutputIsExplained(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		task := d.call(context.Background(), "get_task", taskArgument(d.ended("Empty Handed"))).task()
		if len(task.Steps) != 3 || !strings.Contains(strings.Join(task.Warnings, " "), "captcha") || task.LogURL == "" {
			t.Errorf("got %+v", task)
		}
		d.holdNextStep(task, "get_task")
	})
}

func pictured(id string) string {
	return fmt.Sprintf(`{"task_id":%q,"include_screenshot":true,"wait_seconds":0}`, id)
}

func TestScreenshotIsSentBesideTheResult(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		for _, id := range []string{d.start("Never Ends"), d.start("Flaky Checkout"), d.start("Price Monitor")} {
			time.Sleep(10 * time.Minute)
			a := d.call(context.Background(), "get_task", pictured(id))
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
		for _, r := range d.account.Requests() {
			if r.Endpoint == "files" && r.Key != "" {
				t.Error("the key was sent to the host of the screenshots")
			}
		}
	})
}

func TestScreenshotIsFetchedOnlyWhenAskedFor(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		if a := d.call(context.Background(), "get_task", taskArgument(d.ended("Flaky Checkout"))); a.Picture != nil {
			t.Error("a picture that nobody asked for")
		}
		for _, r := range d.account.Requests() {
			if r.Endpoint == "files" {
				t.Error("a screenshot was fetched")
			}
		}
	})
}

func TestScreenshotThatCannotBeHadIsAWarning(t *testing.T) {
	for name, tt := range map[string]struct {
		fault simulator.Fault
		want  string
	}{
		"gone":          {simulator.Fault{Status: http.StatusForbidden}, "not accepted any more"},
		"redirect":      {simulator.Fault{Status: http.StatusFound, Header: http.Header{"Location": {"https://files.example"}}}, "redirects"},
		"breaks off":    {simulator.Fault{Truncate: 100}, "could not be fetched"},
		"never comes":   {simulator.Fault{Delay: time.Hour}, "in the time of this call"},
		"no picture":    {simulator.Fault{Body: "<html>"}, "not a picture"},
		"half of it":    {simulator.Fault{Mutate: func(body []byte) []byte { return body[:len(body)/2] }}, "not a picture"},
		"too large":     {simulator.Fault{Mutate: func([]byte) []byte { return make([]byte, 11<<20) }}, "larger than"},
		"http":          {simulator.Fault{Endpoint: "get-task", Mutate: plainLinks}, "not https"},
		"none is there": {simulator.Fault{Endpoint: "get-task", Mutate: withoutScreenshots}, "shows none for"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *desk) {
				id := d.ended("Flaky Checkout")
				if tt.fault.Endpoint == "" {
					tt.fault.Endpoint = "files"
				}
				d.account.Inject(tt.fault)
				began := time.Now()
				a := d.call(context.Background(), "get_task", pictured(id))
				if warned := strings.Join(a.task().Warnings, " "); a.Picture != nil || !strings.Contains(warned, tt.want) || strings.Contains(warned, "example") {
					t.Errorf("warned of %q, %d bytes", warned, len(a.Picture))
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

func TestScreenshotDoesNotHoldUpTheAnswerToAWait(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		id := d.start("Never Ends")
		time.Sleep(time.Minute)
		d.account.Inject(simulator.Fault{Endpoint: "files", Delay: time.Hour})
		began := time.Now()
		a := d.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"include_screenshot":true,"wait_seconds":30}`, id))
		if took := time.Since(began); took > 33*time.Second || len(a.task().Warnings) != 1 {
			t.Errorf("took %v, %q", took, a.task().Warnings)
		}
	})
}

func TestLockedDownServerShowsNoScreenshot(t *testing.T) {
	bubbleWith(t, func(cfg *tools.Config) { cfg.Lockdown = true }, func(t *testing.T, d *desk) {
		id := d.ended("Flaky Checkout")
		task := d.call(context.Background(), "get_task", taskArgument(id)).task()
		if task.NextStep == nil || task.NextStep.Arguments["include_screenshot"] != nil {
			t.Errorf("next step is %+v", task.NextStep)
		}
		if a := d.call(context.Background(), "get_task", pictured(id)); a.Picture != nil || len(a.task().Warnings) != 1 {
			t.Errorf("got %d bytes, %q", len(a.Picture), a.task().Warnings)
		}
	})
}
