package tools_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools"
)

// typicalEstimate is the estimate in the definition of a workflow or template.
func (srv *testServer) typicalEstimate(tool, argument, id string) string {
	srv.t.Helper()
	_, after, _ := strings.Cut(srv.call(context.Background(), tool, fmt.Sprintf(`{%q:%q}`, argument, id)).Text, `"typical":"`)
	text, _, _ := strings.Cut(after, `"`)
	return text
}

// runToEnd calls a tool that starts a run, and waits for its end.
func (srv *testServer) runToEnd(tool, arguments string) schemas.Task {
	srv.t.Helper()
	task := srv.call(context.Background(), tool, arguments).task()
	task = srv.waitForEnd(task.TaskID)
	return task
}

func TestEstimatesComeAfterThreeRuns(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.account.Workflow("Price Monitor").ID
		for n := range 4 {
			text := srv.typicalEstimate("get_workflow", "workflow_id", id)
			task := srv.run("Price Monitor", `,"wait_seconds":10`).task()
			if known := n >= 3; known != (task.ETASeconds > 0) || known != (text != "") || task.PollAfterSeconds < 5 || task.PollAfterSeconds > 60 {
				t.Errorf("after %d runs: %q, %+v", n, text, task)
			}
			srv.waitForEnd(task.TaskID)
			time.Sleep(11 * time.Minute) // what was known of finished runs is forgotten
		}
		if text := srv.typicalEstimate("get_workflow", "workflow_id", id); !strings.HasPrefix(text, "typically ") || !strings.HasSuffix(text, " credits (4 runs)") {
			t.Errorf("got %q", text)
		}
	})
}

func TestTemplateEstimatesComeFromOwnRuns(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		for n := range 3 {
			if text := srv.typicalEstimate("get_template", "template_id", googleMaps); text != "" {
				t.Errorf("after %d runs: %q", n, text)
			}
			srv.runToEnd("run_template", fmt.Sprintf(`{"template_id":%q,"inputs":{"keywords":"%d"}}`, googleMaps, n))
		}
		if text := srv.typicalEstimate("get_template", "template_id", googleMaps); !strings.HasSuffix(text, "(3 runs)") {
			t.Errorf("got %q", text)
		}
		task := srv.runDistinct(4).task()
		task = srv.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":5}`, task.TaskID)).task()
		if task.ETASeconds == 0 {
			t.Errorf("got %+v", task)
		}
	})
}

// A server that has started nothing knows of the account's runs.
func TestEstimatesComeFromTheAccountsOtherRuns(t *testing.T) {
	for name, opt := range map[string]serverOption{"with a ledger": func(*tools.Config) {}, "without": func(cfg *tools.Config) { cfg.Ledger = nil }} {
		t.Run(name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				for range 3 {
					srv.finishPriceMonitor(`,"allow_duplicate":true`)
				}
				id := srv.startAnother("Price Monitor")
				other := newServerOn(t, srv, opt)
				if text := other.typicalEstimate("get_workflow", "workflow_id", srv.account.Workflow("Price Monitor").ID); !strings.HasSuffix(text, "(3 runs)") {
					t.Errorf("got %q", text)
				}
				task := other.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":5}`, id)).task()
				if task.ETASeconds == 0 || task.PollAfterSeconds < 5 {
					t.Errorf("got %+v", task)
				}
			})
		})
	}
}
