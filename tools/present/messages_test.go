package present

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/runs"
)

var update = flag.Bool("update", false, "write the golden file of messages")

const golden = "testdata/messages.golden"

// In the bubble of a test it is 2000-01-01 00:00 UTC.
const (
	times = `"created_at":"1999-12-31T23:57:00Z","finished_at":"1999-12-31T23:59:05Z"`
	steps = `"steps":[{"step":1,"status":"finished","step_goal":"Open"},{"step":2,"status":"failed","step_goal":"Log in"}]`
)

func TestMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got strings.Builder
		p, readOnly := New(Config{WorkflowTool: "get_workflow"}), New(Config{ReadOnly: true, HideLiveURLs: true, Lockdown: true})
		for _, task := range []string{
			`{"status":"created"}`,
			`{"status":"created","created_at":"1999-12-31T23:57:00Z"}`,
			`{"status":"running","created_at":"1999-12-31T23:59:00Z",` + steps + `}`,
			`{"status":"pausing","created_at":"1999-12-31T23:59:00Z"}`,
			`{"status":"paused","live_url":"https://live.example/1","log_detail_url":"https://log.example/1"}`,
			`{"status":"finished","credit":7,"output":{"string":"[{\"a\":1}]"},` + times + `}`,
			`{"status":"finished","credit":7,"output":{"string":"text","files":["https://files.example/a.csv"]},"files_expires_at":"2000-01-01T00:10:00Z",` + times + `}`,
			`{"status":"finished","output":{"files":["https://files.example/a.csv"]},"files_expires_at":"1999-12-31T23:59:59Z",` + times + `}`,
			`{"status":"finished",` + steps + `,` + times + `}`,
			`{"status":"failed","credit":7,"task_failure_info":{"code":1011,"message":"captcha"},` + steps + `}`,
			`{"status":"failed","task_failure_info":{"code":10001,"message":"timeout"}}`,
			`{"status":"failed"}`,
			`{"status":"canceled","credit":7,` + times + `,` + steps + `}`,
		} {
			s := snapshot(t, task)
			fmt.Fprintln(&got, task)
			show(&got, "shown", p, p.Task(t.Context(), s, Options{}))
			show(&got, "hidden", readOnly, readOnly.Task(t.Context(), s, Options{Screenshot: true}))
			show(&got, "stopped", p, p.Stopped(t.Context(), s, s.Ended() && s.Task.Status != browseract.TaskCanceled))
			fmt.Fprintf(&got, "  progress: %s\n", p.Progress(s.Task))
		}
		for _, d := range [][2]time.Duration{{4 * time.Minute, 6 * time.Minute}, {80 * time.Second, 100 * time.Second}, {90 * time.Minute, 3 * time.Hour}, {time.Minute, time.Minute}} {
			for _, credits := range []int{2, 7} {
				fmt.Fprintln(&got, Typical(runs.Typical{
					Duration: ledger.Spread[time.Duration]{Runs: 7, Low: d[0], Median: d[0], High: d[1]},
					Credits:  ledger.Spread[int64]{Runs: credits, Low: 30, Median: 32, High: 33},
				}))
			}
		}
		compare(t, got.String())
	})
}

func snapshot(t *testing.T, task string) *runs.Snapshot {
	t.Helper()
	s := &runs.Snapshot{Detail: true, Kind: runs.Workflow, Target: "42", RunningMeanwhile: []string{"8"}}
	if err := json.Unmarshal([]byte(task), &s.Task); err != nil {
		t.Fatal(err)
	}
	s.Task.ID, s.Task.WorkflowID = "7", browseract.ID("42")
	return s
}

// show writes the messages of a result.
func show(w *strings.Builder, how string, p *Presenter, r schemas.Task) {
	p.Hide(&r)
	fmt.Fprintf(w, "  %s: %s\n", how, r.Summary)
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "    warning: %s\n", warning)
	}
	if f := r.Failure; f != nil {
		fmt.Fprintf(w, "    failure: %s\n    cause: %s\n    change: %s\n", f.Message, cmp.Or(f.LikelyCause, "none"), f.WhatToChange)
	}
	if next := r.NextStep; next != nil {
		fmt.Fprintf(w, "    next: %s %v %s\n", next.Tool, next.Arguments, next.Why)
	}
}

func compare(t *testing.T, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); accept with go test ./tools/present -update\n%s", golden, diff)
	}
}
